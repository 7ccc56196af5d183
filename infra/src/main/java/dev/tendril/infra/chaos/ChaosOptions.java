package dev.tendril.infra.chaos;

import java.time.Duration;

/// @param seed of everything that is drawn
/// @param seconds of faults
/// @param workers processes; one more worker, a rude one, lives in this JVM
/// @param relays replicas
/// @param visitors at once
/// @param lease of the relays
record ChaosOptions(long seed, int seconds, int workers, int relays, int visitors, Duration lease) {
    /// A worker's first claim after the last fault comes within this time.
    Duration bound() {
        return lease.plusSeconds(6);
    }
}
