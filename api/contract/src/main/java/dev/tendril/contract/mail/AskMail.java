package dev.tendril.contract.mail;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// Asks for a chat by e-mail. A code goes to the address first.
///
/// @param address one address, such as `ada@example.org`
/// @param language tag of the letters' language; what we do not speak is English
@Serdeable
public record AskMail(String address, @Nullable String language) {}
