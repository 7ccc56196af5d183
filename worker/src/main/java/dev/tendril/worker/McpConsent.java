package dev.tendril.worker;

import dev.tendril.worker.cli.CannotStart;
import dev.tendril.worker.cli.Exit;
import dev.tendril.worker.cli.McpQuestions;
import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.mcp.McpApprovals;
import dev.tendril.worker.tool.mcp.McpConnection;
import dev.tendril.worker.tool.mcp.McpOffer;
import dev.tendril.worker.tool.mcp.McpServer;
import dev.tendril.worker.tool.mcp.McpTools;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Compares what servers offer with what was approved.
@Singleton
final class McpConsent implements McpQuestions {

    @Override
    public List<Row> list(Path config, Path dataDir, List<String> unreachable) throws CannotStart {
        McpApprovals approvals = approvals(dataDir);
        List<Row> rows = new ArrayList<>();
        for (McpServer server : servers(config)) {
            Map<String, McpOffer> approved = approvals.tools(server.name());
            try {
                Map<String, McpOffer> offers = offers(server);
                offers.values().forEach(offer -> rows.add(row(server, offer, approved)));
                approved.keySet().removeAll(offers.keySet());
                approved.values().forEach(gone -> rows.add(row(server, gone, "gone")));
            } catch (ToolException e) {
                unreachable.add(server.name());
            }
        }
        return rows;
    }

    @Override
    public List<Row> approve(Path config, Path dataDir, String name, List<String> tools)
            throws CannotStart {
        McpServer server = server(config, name);
        McpApprovals approvals = approvals(dataDir);
        List<McpOffer> wanted = new ArrayList<>();
        try {
            Map<String, McpOffer> offers = offers(server);
            for (String tool : tools) {
                if (!offers.containsKey(tool)) {
                    throw new CannotStart(
                            Exit.USAGE, "The server " + name + " offers no tool " + tool + ".");
                }
            }
            for (McpOffer offer : offers.values()) {
                boolean chosen = tools.isEmpty() || tools.contains(offer.tool());
                if (chosen && McpTools.usable(server, offer)) {
                    wanted.add(offer);
                }
            }
            approvals.approve(name, wanted);
            Files.createDirectories(dataDir);
            approvals.store();
        } catch (ToolException e) {
            throw new CannotStart(
                    Exit.BROKEN, "The MCP server " + name + " does not answer; the log says why.");
        } catch (IOException e) {
            throw new CannotStart(Exit.DATA, "The approval cannot be stored in " + dataDir + ".");
        }
        return wanted.stream().map(offer -> row(server, offer, "approved")).toList();
    }

    private static McpServer server(Path config, String name) throws CannotStart {
        for (McpServer server : servers(config)) {
            if (server.name().equals(name)) {
                return server;
            }
        }
        throw new CannotStart(Exit.USAGE, config + " names no MCP server " + name + ".");
    }

    private static Map<String, McpOffer> offers(McpServer server) throws ToolException {
        try (var connection = new McpConnection(server)) {
            return connection.offers();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted.");
        }
    }

    private static Row row(McpServer server, McpOffer offer, Map<String, McpOffer> approved) {
        McpOffer before = approved.get(offer.tool());
        if (!McpTools.usable(server, offer)) {
            return row(server, offer, "unusable");
        }
        if (before == null) {
            return row(server, offer, "new");
        }
        return row(server, offer, before.hash().equals(offer.hash()) ? "approved" : "changed");
    }

    private static Row row(McpServer server, McpOffer offer, String state) {
        return new Row(
                server.name(),
                offer.tool(),
                server.toolName(offer.tool()),
                state,
                offer.description(),
                Json.write(offer.schema()));
    }

    private static List<McpServer> servers(Path config) throws CannotStart {
        try {
            return WorkerFile.load(config, System.getenv()).mcp().all();
        } catch (BadFile e) {
            throw new CannotStart(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static McpApprovals approvals(Path dataDir) throws CannotStart {
        try {
            return McpApprovals.load(dataDir.resolve(McpTools.APPROVALS));
        } catch (IOException e) {
            throw new CannotStart(Exit.DATA, e.getMessage() + ".");
        }
    }
}
