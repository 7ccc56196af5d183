package dev.tendril.worker.tool;

import dev.tendril.worker.config.Nearest;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The tools that one role may see, sorted by name. What is not in here does not exist for the
/// model.
public final class ToolBox {
    /// So many calls of one tool run at once; a call that does not end although it was interrupted
    /// keeps its place, so a broken tool uses up itself and nothing else.
    private static final int CALLS_PER_TOOL = 16;

    private final Role role;
    private final Policy policy;
    private final ToolHooks hooks;
    private final Map<String, Slot> slots = new TreeMap<>();

    /// One tool with what belongs to it.
    record Slot(Tool tool, ArgumentCheck check, Semaphore places) {}

    /// @param tools all that this worker has; the policy decides which of them the role sees
    /// @throws IllegalArgumentException when two have the same name or one has a broken schema
    public ToolBox(Collection<? extends Tool> tools, Policy policy, Role role) {
        this(tools, policy, role, ToolHooks.NONE);
    }

    /// @param tools all that this worker has; the policy decides which of them the role sees
    /// @param hooks asked before and told after each call
    /// @throws IllegalArgumentException when two have the same name or one has a broken schema
    public ToolBox(Collection<? extends Tool> tools, Policy policy, Role role, ToolHooks hooks) {
        this.role = role;
        this.policy = policy;
        this.hooks = hooks;
        for (Tool tool : tools) {
            ToolCard card = tool.card();
            Slot slot =
                    new Slot(tool, new ArgumentCheck(card.schema()), new Semaphore(CALLS_PER_TOOL));
            if (shows(card) && slots.put(card.name(), slot) != null) {
                throw new IllegalArgumentException("two tools are named " + card.name());
            }
        }
    }

    /// Whether a card can be part of a box: its schema is one.
    public static boolean usable(ToolCard card) {
        try {
            new ArgumentCheck(card.schema());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// A visitor gets a server's tool only when it changes nothing, whatever the policy says: what
    /// it would change is not one of the small files that are made for visitors.
    private boolean shows(ToolCard card) {
        boolean forbidden =
                role == Role.VISITOR
                        && card.name().startsWith("mcp_")
                        && card.effects().contains(Effect.WRITES);
        return !forbidden && policy.shows(role, card.name());
    }

    ToolHooks hooks() {
        return hooks;
    }

    /// What the model is told of, in an order that never changes for the same tools.
    public List<ToolCard> cards() {
        return slots.values().stream().map(s -> s.tool().card()).toList();
    }

    Role role() {
        return role;
    }

    Policy policy() {
        return policy;
    }

    @Nullable Slot find(String name) {
        return slots.get(name);
    }

    /// A name that the model may have meant; empty when the role has no tools.
    String nearest(String name) {
        return slots.isEmpty() ? "" : Nearest.to(name, slots.keySet());
    }
}
