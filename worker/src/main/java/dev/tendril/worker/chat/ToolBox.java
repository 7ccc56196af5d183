package dev.tendril.worker.chat;

import dev.tendril.worker.model.ToolCall;
import dev.tendril.worker.model.ToolSpec;
import java.util.List;

/// The tools that a turn's model may call.
public interface ToolBox {
    /// No tools.
    ToolBox NONE =
            new ToolBox() {
                @Override
                public List<ToolSpec> specs() {
                    return List.of();
                }

                @Override
                public boolean repeatable(String name) {
                    return false;
                }

                @Override
                public Object call(ToolCall call) throws ToolFailure {
                    throw new ToolFailure("There is no tool of this name.");
                }
            };

    /// What the model is told, sorted by name.
    List<ToolSpec> specs();

    /// Whether a call whose outcome is unknown may simply be made again.
    boolean repeatable(String name);

    /// Runs one call; several run at once. Ends when interrupted.
    ///
    /// @return any JSON value
    /// @throws ToolFailure with a sentence for the model
    /// @throws InterruptedException when interrupted
    Object call(ToolCall call) throws ToolFailure, InterruptedException;
}
