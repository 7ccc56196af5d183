package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolBox;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The approved tools of all servers, with the connections that they share.
public final class McpTools implements AutoCloseable {
    /// The approvals' name in the data directory.
    public static final String APPROVALS = "mcp-approved.json";

    private static final Logger LOG = LoggerFactory.getLogger(McpTools.class);

    private final List<Tool> tools = new ArrayList<>();
    private final List<McpConnection> connections = new ArrayList<>();

    /// @param servers of `worker.yml`
    /// @param approvals which of their tools exist here
    public McpTools(McpServers servers, McpApprovals approvals) {
        for (McpServer server : servers.all()) {
            var connection = new McpConnection(server);
            connections.add(connection);
            for (McpOffer offer : approvals.tools(server.name()).values()) {
                McpTool tool = new McpTool(server, connection, offer);
                if (ToolBox.usable(tool.card())) {
                    tools.add(tool);
                } else {
                    LOG.warn(
                            "The tool {} of the MCP server {} has a schema that cannot be used",
                            offer.tool(),
                            server.name());
                }
            }
        }
    }

    /// Whether an offer can become a tool: its schema is one.
    public static boolean usable(McpServer server, McpOffer offer) {
        try (var nobody = new McpConnection(server)) {
            return ToolBox.usable(new McpTool(server, nobody, offer).card());
        }
    }

    /// The tools, without those that were not approved.
    public List<Tool> all() {
        return List.copyOf(tools);
    }

    @Override
    public void close() {
        connections.forEach(McpConnection::close);
    }
}
