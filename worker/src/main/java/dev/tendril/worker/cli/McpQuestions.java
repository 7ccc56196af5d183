package dev.tendril.worker.cli;

import java.nio.file.Path;
import java.util.List;

/// What the MCP servers of `worker.yml` offer, and what of it was approved.
public interface McpQuestions {
    /// A tool of a server.
    ///
    /// @param server its name in `worker.yml`
    /// @param tool as the server calls it
    /// @param name as the model and the policy call it
    /// @param state `approved`, `new`, `changed`, `gone`, or `unusable` when its schema is broken
    /// @param description as the server gives it now
    /// @param schema JSON text
    record Row(
            String server,
            String tool,
            String name,
            String state,
            String description,
            String schema) {}

    /// Asks all servers.
    ///
    /// @param unreachable is told the names of those that do not answer
    List<Row> list(Path config, Path dataDir, List<String> unreachable) throws CannotStart;

    /// Approves what a server offers now.
    ///
    /// @param tools empty for all
    /// @return what was approved
    List<Row> approve(Path config, Path dataDir, String server, List<String> tools)
            throws CannotStart;
}
