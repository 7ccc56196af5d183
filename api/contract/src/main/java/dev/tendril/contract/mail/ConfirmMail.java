package dev.tendril.contract.mail;

import io.micronaut.serde.annotation.Serdeable;

/// Shows that the address is the visitor's.
///
/// @param code the six digits of the letter; blanks do not count
@Serdeable
public record ConfirmMail(String code) {}
