package dev.tendril.contract.run;

import io.micronaut.serde.annotation.Serdeable;

/// The batch is stored.
///
/// @param duplicate it had been stored before; nothing changed
/// @param lastSeq seq of the batch's last frame
/// @param leaseMs the lease from now on, as the database sees it
/// @param minFlushMs wait at least this long before the next batch (40 to 500); the relay's brake
@Serdeable
public record Appended(boolean duplicate, long lastSeq, long leaseMs, int minFlushMs) {}
