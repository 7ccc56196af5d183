package dev.tendril.service.run;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A worker that asks for work.
///
/// @param key of the request: the same key, the same runs
/// @param offers tags; a run is claimed only by who offers all that it needs
/// @param instance which process of the worker asks; null when it does not say
public record Claimant(
        UUID workspaceId, UUID workerId, UUID key, List<String> offers, @Nullable UUID instance) {
    /// Copies the offers.
    public Claimant {
        offers = List.copyOf(offers);
    }
}
