package dev.tendril.contract.worker;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/// @param nonce to be signed; opaque
/// @param expiresAt 60 s after it was made
@Serdeable
public record WorkerNonce(String nonce, Instant expiresAt) {}
