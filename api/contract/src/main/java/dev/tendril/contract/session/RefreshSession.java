package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;

/// @param refresh the last refresh secret that was handed out; usable once
@Serdeable
public record RefreshSession(String refresh) {}
