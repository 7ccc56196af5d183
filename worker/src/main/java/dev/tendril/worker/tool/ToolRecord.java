package dev.tendril.worker.tool;

import java.time.Instant;

/// One call as traces show it.
///
/// @param callId the model's id of the call
/// @param tool its name as the model wrote it, at most 64 characters
/// @param arguments as the model wrote them, at most 8,000 characters
/// @param outcome how it ended
/// @param startedAt wall clock
/// @param latencyMs on the monotonic clock
public record ToolRecord(
        String callId,
        String tool,
        String arguments,
        ToolOutcome outcome,
        Instant startedAt,
        long latencyMs) {
    /// Caps what a model may have made long.
    public ToolRecord {
        tool = tool.length() > 64 ? tool.substring(0, 64) : tool;
        arguments = arguments.length() > 8_000 ? arguments.substring(0, 8_000) : arguments;
    }
}
