package dev.tendril.worker.tool;

import dev.tendril.worker.policy.Effect;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A tool's description.
///
/// @param name `[a-zA-Z0-9_-]{1,64}`
/// @param description for the model: when to use it and what comes back
/// @param schema JSON schema (draft 2020-12) of the arguments, an object
/// @param effects what it can do beyond answering
/// @param idempotent whether running it twice is as good as once
/// @param timeout per call, at most 180 s
/// @param outside whether its results contain text that others wrote
public record ToolCard(
        String name,
        String description,
        Map<String, @Nullable Object> schema,
        Set<Effect> effects,
        boolean idempotent,
        Duration timeout,
        boolean outside) {
    /// Checks the name and the time.
    public ToolCard {
        if (!name.matches("[a-zA-Z0-9_-]{1,64}")) {
            throw new IllegalArgumentException("not a tool's name");
        }
        if (timeout.isNegative() || timeout.isZero() || timeout.toSeconds() > 180) {
            throw new IllegalArgumentException("a tool's timeout is 1 ms to 180 s");
        }
        schema = Collections.unmodifiableMap(schema);
        effects =
                effects.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(effects));
    }

    /// A tool that only reads what is meant to be read: no effects, idempotent, 10 s.
    ///
    /// @param schema JSON text
    public static ToolCard harmless(String name, String description, String schema) {
        return new ToolCard(
                name,
                description,
                Schemas.parse(schema),
                Set.of(),
                true,
                Duration.ofSeconds(10),
                true);
    }

    /// The same with other effects.
    public ToolCard with(Set<Effect> other, boolean repeatable) {
        return new ToolCard(name, description, schema, other, repeatable, timeout, outside);
    }

    /// The same with another time limit.
    public ToolCard within(Duration other) {
        return new ToolCard(name, description, schema, effects, idempotent, other, outside);
    }

    /// The same for results that this worker wrote itself.
    public ToolCard ownWords() {
        return new ToolCard(name, description, schema, effects, idempotent, timeout, false);
    }
}
