package dev.tendril.worker.tool;

import dev.tendril.worker.policy.Target;
import java.util.List;

/// Something that a model may ask this worker to do. Called from many threads at once.
public interface Tool {
    /// What it is and how it behaves; the same value for the life of the process.
    ToolCard card();

    /// What a call with these arguments would touch, without touching it.
    ///
    /// @throws ToolException when the arguments name nothing that could be touched
    default List<Target> targets(ToolInput input, ToolContext context) throws ToolException {
        return List.of();
    }

    /// Does it. Must end soon after its thread is interrupted; what it leaves running is its own
    /// bug. Whatever else it throws is logged and told to the model as "failed" without its
    /// message.
    ///
    /// @throws ToolException for a failure that the model should know the reason of
    /// @throws Exception for anything unexpected
    ToolResult run(ToolInput input, ToolContext context) throws Exception;
}
