package dev.tendril.worker.chat;

import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Any JSON text as maps, lists, strings and numbers.
final class Json {
    private Json() {}

    /// The value, or null when the text is no JSON (or is `null`).
    static @Nullable Object valueOf(JsonMapper json, String text) {
        try {
            return json.readValue(text, Argument.of(Object.class));
        } catch (IOException e) {
            return null;
        }
    }
}
