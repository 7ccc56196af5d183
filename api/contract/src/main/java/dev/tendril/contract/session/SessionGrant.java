package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/// What a visitor holds after the access code was accepted.
///
/// @param token bearer JWT for the visitor's calls
/// @param expiresAt when the token ends (15 min)
/// @param refresh one-use secret for the next token; using it twice ends the session
/// @param sessionExpiresAt when the session ends for good (12 h)
@Serdeable
public record SessionGrant(
        String token, Instant expiresAt, String refresh, Instant sessionExpiresAt) {}
