package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;

/// The visitor agrees to the site's text.
///
/// @param version [Site.Consent#version] of what was shown
@Serdeable
public record Agree(int version) {}
