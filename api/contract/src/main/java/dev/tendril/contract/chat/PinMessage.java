package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// Pins one message of a chat.
///
/// @param messageId any message of the chat; null unpins
@Serdeable
public record PinMessage(@Nullable String messageId) {}
