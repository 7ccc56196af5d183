package dev.tendril.contract.run;

import io.micronaut.serde.annotation.Serdeable;

/// @param leaseMs the lease, from the moment the relay received the heartbeat
@Serdeable
public record Renewed(long leaseMs) {}
