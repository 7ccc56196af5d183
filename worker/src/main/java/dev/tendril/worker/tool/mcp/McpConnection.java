package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One server, connected when it is first needed and again after it died. Safe for threads.
public final class McpConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(McpConnection.class);
    private static final Duration INITIALIZE = Duration.ofSeconds(20);
    private static final long REST_NANOS = Duration.ofSeconds(5).toNanos();
    private static final int MAX_MESSAGE = 4 * 1024 * 1024;
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    private final McpServer server;
    private final ReentrantLock connecting = new ReentrantLock();
    private volatile @Nullable Open open;
    private volatile long restUntilNanos;
    private volatile boolean resting;

    /// @param server to be connected to
    public McpConnection(McpServer server) {
        this.server = server;
    }

    /// A live connection.
    private static final class Open {
        private final McpSyncClient client;
        private volatile Map<String, McpOffer> offers;

        Open(McpSyncClient client, Map<String, McpOffer> offers) {
            this.client = client;
            this.offers = offers;
        }
    }

    /// What the server offers now, by name, sorted.
    ///
    /// @throws ToolException when it is not reached
    public Map<String, McpOffer> offers() throws ToolException, InterruptedException {
        return open().offers;
    }

    /// Calls a tool that was approved in this very form.
    ///
    /// @throws ToolDenied when the server describes it otherwise now
    /// @throws ToolException when the server is not reached or does not answer in time
    McpSchema.CallToolResult call(McpOffer approved, Map<String, @Nullable Object> arguments)
            throws ToolException, InterruptedException {
        Open now = open();
        McpOffer offer = now.offers.get(approved.tool());
        if (offer == null) {
            throw new ToolException("The server does not offer this tool any more.");
        }
        if (!offer.hash().equals(approved.hash())) {
            LOG.warn(
                    "The tool {} of the MCP server {} is not what was approved: look at it and run"
                            + " tendril worker mcp approve {} {}",
                    approved.tool(),
                    server.name(),
                    server.name(),
                    approved.tool());
            throw new ToolDenied(
                    "mcp.changed", "the server has changed this tool since it was approved");
        }
        try {
            return now.client.callTool(new McpSchema.CallToolRequest(approved.tool(), arguments));
        } catch (RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (open != now) {
                throw new ToolException(
                        "The server ended while the tool ran; its effects are unknown.");
            }
            if (e.getCause() instanceof java.util.concurrent.TimeoutException) {
                throw new ToolException(
                        "The server did not answer in time; the tool's effects are unknown.");
            }
            LOG.warn("A call of the MCP server {} failed: {}", server.name(), e.toString());
            if (server.place() instanceof McpServer.Place.Http) {
                lost(now); // The session may be over: the next call opens another one.
            }
            throw new ToolException("The server refused the call or could not be reached.");
        }
    }

    private Open open() throws ToolException, InterruptedException {
        Open now = open;
        if (now != null) {
            return now;
        }
        connecting.lockInterruptibly();
        try {
            now = open;
            if (now == null) {
                if (resting && System.nanoTime() - restUntilNanos < 0) {
                    throw new ToolException("The server cannot be reached at the moment.");
                }
                now = connect();
                open = now;
            }
            return now;
        } finally {
            connecting.unlock();
        }
    }

    private Open connect() throws ToolException, InterruptedException {
        McpClientTransport transport = transport();
        McpSyncClient client =
                McpClient.sync(transport)
                        .requestTimeout(server.timeout())
                        .initializationTimeout(INITIALIZE)
                        .clientInfo(new McpSchema.Implementation("tendril", "1"))
                        .toolsChangeConsumer(this::changed)
                        .build();
        try {
            client.initialize();
            Open opened = new Open(client, offers(client.listTools().tools()));
            if (transport instanceof StdioClientTransport program) {
                Thread.ofVirtual()
                        .name("mcp-" + server.name())
                        .start(() -> {
                            program.awaitForExit();
                            lost(opened);
                        });
            }
            resting = false;
            LOG.info("The MCP server {} offers {} tools", server.name(), opened.offers.size());
            return opened;
        } catch (RuntimeException e) {
            boolean interrupted = Thread.interrupted();
            Thread.ofVirtual().name("mcp-close").start(() -> close(client));
            restUntilNanos = System.nanoTime() + REST_NANOS;
            resting = true;
            if (interrupted) {
                throw new InterruptedException();
            }
            LOG.warn("The MCP server {} cannot be used: {}", server.name(), e.toString());
            throw new ToolException("The server cannot be reached at the moment.");
        }
    }

    private void changed(List<McpSchema.Tool> tools) {
        Open now = open;
        if (now != null) {
            now.offers = offers(tools);
        }
    }

    private static Map<String, McpOffer> offers(List<McpSchema.Tool> tools) {
        Map<String, McpOffer> offers = new TreeMap<>();
        for (McpSchema.Tool tool : tools) {
            Map<String, @Nullable Object> schema = new LinkedHashMap<>();
            if (tool.inputSchema() != null) {
                schema.putAll(tool.inputSchema());
            }
            schema.putIfAbsent("type", "object");
            String description = tool.description() == null ? "" : tool.description();
            offers.put(tool.name(), new McpOffer(tool.name(), description, schema));
        }
        return offers;
    }

    private McpClientTransport transport() {
        return switch (server.place()) {
            case McpServer.Place.Program program -> {
                var parameters =
                        ServerParameters.builder(program.command().getFirst())
                                .args(program.command().subList(1, program.command().size()))
                                .env(program.environment())
                                .build();
                var transport = new OwnEnvironment(parameters);
                transport.setStdErrorHandler(line -> LOG.debug("{}: {}", server.name(), line));
                yield transport;
            }
            case McpServer.Place.Http(URI uri, Map<String, String> headers) -> {
                String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
                String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
                yield HttpClientStreamableHttpTransport.builder(
                                uri.getScheme() + "://" + uri.getRawAuthority())
                        .endpoint(path + query)
                        .connectTimeout(Duration.ofSeconds(5))
                        .maxResponseSize(MAX_MESSAGE)
                        .httpRequestCustomizer(
                                (request, _, _, _, _) -> headers.forEach(request::setHeader))
                        .build();
            }
        };
    }

    /// The worker's environment holds its secrets: a server gets none of it.
    private static final class OwnEnvironment extends StdioClientTransport {
        OwnEnvironment(ServerParameters parameters) {
            super(parameters, McpJsonDefaults.getMapper(), MAX_MESSAGE);
        }

        @Override
        protected ProcessBuilder getProcessBuilder() {
            var builder = new ProcessBuilder();
            builder.environment().clear();
            builder.environment().put("PATH", PATH);
            builder.environment().put("LANG", "C.UTF-8");
            return builder;
        }
    }

    private void lost(Open gone) {
        if (open == gone) {
            open = null;
            LOG.info("The MCP server {} is gone", server.name());
        }
        close(gone.client);
    }

    private static void close(McpSyncClient client) {
        try {
            client.close();
        } catch (RuntimeException e) {
            LOG.debug("Closing an MCP client failed", e);
        }
    }

    @Override
    public void close() {
        Open now = open;
        open = null;
        if (now != null) {
            close(now.client);
        }
    }
}
