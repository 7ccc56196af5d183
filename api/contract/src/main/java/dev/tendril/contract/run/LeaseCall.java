package dev.tendril.contract.run;

import io.micronaut.serde.annotation.Serdeable;
import java.util.UUID;

/// Body of `heartbeat` and `release`.
///
/// @param leaseToken from the claim
@Serdeable
public record LeaseCall(UUID leaseToken) {}
