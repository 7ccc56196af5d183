package dev.tendril.contract.worker;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.UUID;

/// @param token bearer JWT for claims and runs
/// @param expiresAt 15 min from now
/// @param workerId this worker
/// @param workspace slug of the workspace that it serves
@Serdeable
public record WorkerSession(String token, Instant expiresAt, UUID workerId, String workspace) {}
