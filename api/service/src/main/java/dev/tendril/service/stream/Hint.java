package dev.tendril.service.stream;

import java.util.UUID;

/// Something may have happened: look. Carries no truth.
///
/// @param key see [Topic]
/// @param seq with [Topic#STREAM] the last seq that was committed, else 0
public record Hint(Topic topic, String key, long seq) {

    /// A run became ready.
    public static Hint work(UUID workspaceId, String pool) {
        return new Hint(Topic.WORK, workspaceId + "/" + pool, 0);
    }

    /// A stream grew to `lastSeq`.
    public static Hint stream(UUID streamId, long lastSeq) {
        return new Hint(Topic.STREAM, streamId.toString(), lastSeq);
    }

    /// A run was stopped or taken away.
    public static Hint run(long runId) {
        return new Hint(Topic.RUN, Long.toString(runId), 0);
    }

    /// Places in a workspace's queue changed.
    public static Hint queue(UUID workspaceId) {
        return new Hint(Topic.QUEUE, workspaceId.toString(), 0);
    }
}
