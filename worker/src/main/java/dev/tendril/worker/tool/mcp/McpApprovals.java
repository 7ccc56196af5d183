package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which tools of which servers a person has approved: a JSON file in the worker's data directory,
/// written by `tendril worker mcp approve` alone. Temporary files of [Files#createTempFile] are
/// readable and writable by their owner only, and so is this file.
public final class McpApprovals {
    private final Path file;
    private final Map<String, Map<String, McpOffer>> servers = new TreeMap<>();

    private McpApprovals(Path file) {
        this.file = file;
    }

    /// Reads them; none when there is no file.
    ///
    /// @throws IOException when the file is there and cannot be used
    public static McpApprovals load(Path file) throws IOException {
        McpApprovals approvals = new McpApprovals(file);
        if (Files.notExists(file)) {
            return approvals;
        }
        try {
            for (var server : Json.readObject(Files.readString(file)).entrySet()) {
                if (server.getValue() instanceof List<?> tools) {
                    tools.forEach(tool -> approvals.read(server.getKey(), tool));
                }
            }
            return approvals;
        } catch (BadJson e) {
            throw new IOException(file + " is broken; approve the servers' tools again", e);
        }
    }

    private void read(String server, @Nullable Object tool) {
        if (tool instanceof Map<?, ?> map
                && map.get("tool") instanceof String name
                && map.get("description") instanceof String description
                && map.get("schema") instanceof Map<?, ?> schema) {
            McpOffer offer = new McpOffer(name, description, Json.object(schema));
            // Somebody who changed the description by hand has approved nothing.
            if (offer.hash().equals(map.get("hash"))) {
                of(server).put(name, offer);
            }
        }
    }

    private Map<String, McpOffer> of(String server) {
        return servers.computeIfAbsent(server, _ -> new TreeMap<>());
    }

    /// A server's approved tools by name, sorted.
    public Map<String, McpOffer> tools(String server) {
        return new TreeMap<>(servers.getOrDefault(server, Map.of()));
    }

    /// Approves tools, in place of earlier versions of the same ones.
    public void approve(String server, List<McpOffer> offers) {
        offers.forEach(offer -> of(server).put(offer.tool(), offer));
    }

    /// Takes an approval back.
    public void revoke(String server, String tool) {
        of(server).remove(tool);
    }

    /// Writes them.
    public void store() throws IOException {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        servers.forEach((server, tools) ->
                all.put(server, tools.values().stream().map(McpApprovals::row).toList()));
        Path folder = file.toAbsolutePath().getParent();
        Path fresh = Files.createTempFile(folder, ".mcp", ".tmp");
        Files.writeString(fresh, Json.write(all));
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Map<String, @Nullable Object> row(McpOffer offer) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("tool", offer.tool());
        row.put("hash", offer.hash());
        row.put("description", offer.description());
        row.put("schema", offer.schema());
        return row;
    }
}
