package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A worker asks for work.
///
/// @param claimKey made by the worker; the same key again returns the same runs, so that a lost
///   answer loses nothing
/// @param capacity how many runs it can take, 1 to 64
/// @param pools which queues it serves; `chat` today
/// @param offers tags such as `model:NAME` or `tools`: it gets only runs that need no others; null
///   is none
/// @param instance the process that asks, as in its session; null when it has none
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClaimRequest(
        UUID claimKey,
        int capacity,
        List<String> pools,
        @Nullable List<String> offers,
        @Nullable UUID instance) {
    /// Copies the lists.
    public ClaimRequest {
        pools = List.copyOf(pools);
        offers = offers == null ? null : List.copyOf(offers);
    }
}
