package dev.tendril.worker.tool;

import dev.tendril.worker.policy.Effect;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// A tool that does what a test says, and counts.
public final class ScriptedTool implements Tool {
    public static final String TEXT_SCHEMA =
            """
            {"type": "object", "properties": {"text": {"type": "string", "maxLength": 5},
             "n": {"type": "integer", "minimum": 1}},
             "required": ["text"], "additionalProperties": false}
            """;

    public final AtomicInteger runs = new AtomicInteger();
    private final ToolCard card;
    private final Body body;

    /// What it does.
    public interface Body {
        Object run(ToolInput input) throws Exception;
    }

    public ScriptedTool(String name, Body body) {
        this(ToolCard.harmless(name, name, TEXT_SCHEMA).ownWords(), body);
    }

    public ScriptedTool(ToolCard card, Body body) {
        this.card = card;
        this.body = body;
    }

    public ScriptedTool with(Effect effect) {
        return new ScriptedTool(card.with(Set.of(effect), false), body);
    }

    public ScriptedTool within(Duration timeout) {
        return new ScriptedTool(card.within(timeout), body);
    }

    @Override
    public ToolCard card() {
        return card;
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) throws Exception {
        runs.incrementAndGet();
        return ToolResult.of(body.run(input));
    }
}
