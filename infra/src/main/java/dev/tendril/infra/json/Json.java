package dev.tendril.infra.json;

import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON to and from bytes.
public final class Json {
    private static final ObjectMapper MAPPER = ObjectMapper.getDefault();

    private Json() {}

    /// `value` as UTF-8 JSON.
    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The value of `json`.
    ///
    /// @throws IOException if `json` is none, or has not the shape of `type`
    public static <T> T read(byte[] json, Class<T> type) throws IOException {
        T value = MAPPER.readValue(json, Argument.of(type));
        if (value == null) {
            throw new IOException("null instead of a " + type.getSimpleName());
        }
        return value;
    }

    /// The elements of a JSON array.
    ///
    /// @throws IOException if `json` is none, or an element has not the shape of `type`
    public static <T> List<T> list(byte[] json, Class<T> type) throws IOException {
        List<T> values = MAPPER.readValue(json, Argument.listOf(type));
        if (values == null) {
            throw new IOException("null instead of a list of " + type.getSimpleName());
        }
        return values;
    }

    /// A modifiable map of keys and values in turn.
    public static Map<String, @Nullable Object> object(@Nullable Object... keysAndValues) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
