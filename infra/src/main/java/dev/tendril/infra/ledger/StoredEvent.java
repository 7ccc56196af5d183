package dev.tendril.infra.ledger;

import dev.tendril.contract.frame.Frame;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A batch of frames as the log has it.
///
/// @param runId null for none
/// @param fence under which it was written; null for a visitor's message
/// @param frames `firstSeq` to `lastSeq`, if the log is sound
public record StoredEvent(
        UUID streamId,
        long firstSeq,
        long lastSeq,
        @Nullable Long runId,
        @Nullable Long fence,
        String kind,
        List<Frame> frames) {
    /// Copies the frames.
    public StoredEvent {
        frames = List.copyOf(frames);
    }
}
