package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.EnumSet;
import java.util.Set;

/// An approved tool of a server.
final class McpTool implements Tool {
    private final McpConnection connection;
    private final McpOffer approved;
    private final ToolCard card;

    McpTool(McpServer server, McpConnection connection, McpOffer approved) {
        this.connection = connection;
        this.approved = approved;
        Set<Effect> effects = EnumSet.noneOf(Effect.class);
        if (server.writes()) {
            effects.add(Effect.WRITES);
        }
        if (server.outside()) {
            effects.add(Effect.EGRESS);
        }
        this.card =
                new ToolCard(
                        server.toolName(approved.tool()),
                        PlainText.headAndTail(PlainText.clean(approved.description()), 2_000),
                        approved.schema(),
                        effects,
                        false,
                        server.timeout().plusSeconds(5),
                        server.outside());
    }

    @Override
    public ToolCard card() {
        return card;
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context)
            throws ToolException, InterruptedException {
        McpSchema.CallToolResult result = connection.call(approved, input.fields());
        StringBuilder text = new StringBuilder();
        for (McpSchema.Content content : result.content()) {
            text.append(text.isEmpty() ? "" : "\n");
            text.append(
                    content instanceof McpSchema.TextContent words
                            ? words.text()
                            : "[" + content.type() + " left out]");
        }
        if (Boolean.TRUE.equals(result.isError())) {
            throw new ToolException(text.isEmpty() ? "The tool failed." : text.toString());
        }
        return ToolResult.of(
                result.structuredContent() == null ? text.toString() : result.structuredContent());
    }
}
