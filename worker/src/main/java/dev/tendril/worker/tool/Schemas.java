package dev.tendril.worker.tool;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Schemas that stand in the code.
final class Schemas {
    private Schemas() {}

    static Map<String, @Nullable Object> parse(String text) {
        try {
            return Json.readObject(text);
        } catch (BadJson e) {
            throw new IllegalArgumentException("a tool's schema is not JSON", e);
        }
    }
}
