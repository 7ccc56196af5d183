package dev.tendril.worker.tool;

import dev.tendril.worker.json.Json;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Arguments that were checked against the tool's schema.
///
/// @param fields the JSON object
public record ToolInput(Map<String, @Nullable Object> fields) {
    /// Keeps the order.
    public ToolInput {
        fields = Collections.unmodifiableMap(fields);
    }

    /// A string that the schema requires.
    public String text(String field) {
        if (fields.get(field) instanceof String text) {
            return text;
        }
        throw new IllegalStateException("the schema does not require the string " + field);
    }

    /// An optional string.
    public String text(String field, String otherwise) {
        return fields.get(field) instanceof String text ? text : otherwise;
    }

    /// An optional integer; a whole number in any notation, as JSON schema defines it.
    public int number(String field, int otherwise) {
        return switch (fields.get(field)) {
            case Long n -> Math.toIntExact(n);
            case BigDecimal n -> n.intValueExact();
            case null, default -> otherwise;
        };
    }

    /// An optional boolean.
    public boolean flag(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    /// An optional list of strings.
    public List<String> texts(String field) {
        return fields.get(field) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /// Equal for calls that ask for the same.
    String canonical() {
        return Json.canonical(fields);
    }
}
