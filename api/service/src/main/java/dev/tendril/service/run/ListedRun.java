package dev.tendril.service.run;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What an operator may see of a run: no word of a visitor.
///
/// @param failure the code, of a failed run
/// @param worker who claimed it last
public record ListedRun(
        long id,
        RunState state,
        int attempt,
        int priority,
        List<String> needs,
        @Nullable String failure,
        UUID streamId,
        @Nullable String worker,
        Instant createdAt,
        @Nullable Instant leaseUntil,
        @Nullable Instant endedAt) {
    /// Copies the tags.
    public ListedRun {
        needs = List.copyOf(needs);
    }
}
