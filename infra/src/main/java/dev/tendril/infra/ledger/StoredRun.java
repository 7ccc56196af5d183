package dev.tendril.infra.ledger;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A turn as the queue has it.
///
/// @param endedToken the lease with which its worker ended it, null for none
public record StoredRun(
        long id,
        UUID streamId,
        String messageId,
        String answerId,
        String state,
        long ordinal,
        int attempt,
        @Nullable UUID endedToken) {}
