package dev.tendril.contract.mail;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.UUID;

/// How far a chat by e-mail has got.
///
/// @param id names it in further calls
/// @param state `asked`: the code is on its way; `queued`: confirmed, the chat is on its way;
///   `sent`: the mail server has it; `failed`: it could not be delivered; `ended`: not confirmed in
///   time, or by too many wrong codes
/// @param triesLeft codes that may still be wrong
/// @param expiresAt when a code that was not given is good no longer
@Serdeable
public record MailRequest(UUID id, String state, int triesLeft, Instant expiresAt) {}
