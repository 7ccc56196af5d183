package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;

/// @param site the slug of the site that is to be opened
@Serdeable
public record WantCaptcha(String site) {}
