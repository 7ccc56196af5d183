package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tool as a server describes it.
///
/// @param tool the server's name for it
/// @param description for the model
/// @param schema JSON schema of its arguments
public record McpOffer(String tool, String description, Map<String, @Nullable Object> schema) {

    /// SHA-256 of name, description and schema, keys sorted: what an approval is of.
    public String hash() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("description", description);
        all.put("schema", schema);
        all.put("tool", tool);
        return sha256(Json.canonical(all));
    }

    static String sha256(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
