package dev.tendril.worker.chat;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.AfterWrites;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolTurn;
import java.time.InstantSource;
import java.util.List;

/// Gives each turn the tools of its role, and remembers for it what was called.
///
/// A run says nothing about roles, and would not be believed: every turn that a relay hands out is
/// a visitor's. The visitor is known by the chat alone, and agreed to nothing.
public final class TurnTools {
    /// No tools at all.
    public static final TurnTools NONE =
            new TurnTools(
                    new ToolBox(List.of(), Policy.safe(), Role.VISITOR), InstantSource.system());

    private final ToolBox visitors;
    private final InstantSource clock;
    private final AfterWrites build;

    /// @param visitors what visitors' turns may call
    /// @param clock for traces
    public TurnTools(ToolBox visitors, InstantSource clock) {
        this(visitors, clock, AfterWrites.NOTHING);
    }

    /// @param visitors what visitors' turns may call
    /// @param clock for traces
    /// @param build checked after files were changed
    public TurnTools(ToolBox visitors, InstantSource clock, AfterWrites build) {
        this.visitors = visitors;
        this.clock = clock;
        this.build = build;
    }

    AfterWrites build() {
        return build;
    }

    InstantSource clock() {
        return clock;
    }

    ToolTurn begin(ClaimedRun run) {
        var context =
                new ToolContext(
                        Role.VISITOR,
                        "chat:" + run.chatId(),
                        run.chatId().toString(),
                        run.runId() + "/" + run.answerId(),
                        false,
                        run.history());
        return new ToolTurn(visitors, context, clock);
    }
}
