package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;

/// @param site the workspace's slug, as in `/c/{site}`
/// @param code the access code, e.g. `K7Q2-9XPM4-T3H8D-WZ5RC`; letter case and dashes do not count
@Serdeable
public record OpenSession(String site, String code) {}
