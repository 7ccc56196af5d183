package dev.tendril.worker.tool.mcp;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// An MCP server as the operator configured it.
///
/// @param name `[a-z0-9-]{1,20}`
/// @param place how it is reached
/// @param timeout per call, 1 to 170 s
/// @param writes whether its tools change something
/// @param outside whether its results contain text that others wrote
public record McpServer(
        String name, Place place, Duration timeout, boolean writes, boolean outside) {

    /// How a server is reached.
    sealed interface Place {
        /// A program that speaks on its standard input and output.
        ///
        /// @param command program and arguments
        /// @param environment what it gets; of the worker's own only `PATH`, `HOME`, `LANG`,
        ///   `USER`, `LOGNAME`, `SHELL` and `TERM`, which the SDK passes on
        record Program(List<String> command, Map<String, String> environment) implements Place {
            /// Copies both.
            public Program {
                command = List.copyOf(command);
                environment = Map.copyOf(environment);
            }
        }

        /// A server over streamable HTTP.
        ///
        /// @param uri of its endpoint
        /// @param headers of each request; may hold secrets
        record Http(URI uri, Map<String, String> headers) implements Place {
            /// Copies the headers.
            public Http {
                headers = Map.copyOf(headers);
            }

            @Override
            public String toString() {
                return uri.toString();
            }
        }
    }

    /// What the model calls a tool of this server: `mcp_<server>_<tool>`.
    public String toolName(String tool) {
        String name = "mcp_" + name() + "_" + tool.replaceAll("[^a-zA-Z0-9_-]", "_");
        return name.length() <= 64
                ? name
                : name.substring(0, 55) + "_" + McpOffer.sha256(tool).substring(0, 8);
    }
}
