package dev.tendril.service.run;

import java.util.UUID;

/// A turn to be queued.
///
/// @param messageId what it answers
/// @param acceptedSeq the stream's last seq, its message included
public record NewRun(
        UUID workspaceId,
        UUID streamId,
        String kind,
        String pool,
        String messageId,
        long acceptedSeq) {}
