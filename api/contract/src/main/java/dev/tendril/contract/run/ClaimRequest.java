package dev.tendril.contract.run;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.UUID;

/// A worker asks for work.
///
/// @param claimKey made by the worker; the same key again returns the same runs, so that a lost
///   answer loses nothing
/// @param capacity how many runs it can take, 1 to 64
/// @param pools which queues it serves; `chat` today
@Serdeable
public record ClaimRequest(UUID claimKey, int capacity, List<String> pools) {
    /// Copies the pools.
    public ClaimRequest {
        pools = List.copyOf(pools);
    }
}
