package dev.tendril.service.run;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A run as stored. Its columns are explained in the schema.
///
/// @param accepted the worker has called since the claim
/// @param unclaimed nobody has ever claimed this turn
/// @param limited its workspace has a limit of running runs
/// @param startSeq the present answer's frames begin after this seq
public record Run(
        long id,
        UUID workspaceId,
        UUID streamId,
        String kind,
        String pool,
        RunState state,
        long ordinal,
        String messageId,
        String answerId,
        int attempt,
        long fence,
        @Nullable UUID leaseToken,
        @Nullable UUID endedToken,
        boolean accepted,
        boolean unclaimed,
        int nextBatch,
        boolean opened,
        long acceptedSeq,
        long startSeq,
        long settledSeq,
        boolean limited) {}
