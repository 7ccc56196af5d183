package dev.tendril.worker.tool;

import org.jspecify.annotations.Nullable;

/// What the operator's own programs have to say about tool calls. Asked on the call's own thread,
/// after all other checks.
public interface ToolHooks {
    /// No hooks.
    ToolHooks NONE =
            new ToolHooks() {
                @Override
                public @Nullable String before(String tool, ToolInput input, ToolContext context) {
                    return null;
                }

                @Override
                public @Nullable String after(
                        String tool, ToolInput input, ToolContext context, ToolOutcome outcome) {
                    return null;
                }
            };

    /// Whether a call may run.
    ///
    /// @return why not, in words for the model; null to let it run
    @Nullable String before(String tool, ToolInput input, ToolContext context)
            throws InterruptedException;

    /// Whether the model may see how a call ended.
    ///
    /// @return why not; null to let it see
    @Nullable String after(String tool, ToolInput input, ToolContext context, ToolOutcome outcome)
            throws InterruptedException;
}
