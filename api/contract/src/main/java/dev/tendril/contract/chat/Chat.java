package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A chat and what is going on in it.
///
/// @param cursor position after the last stored frame; a page that has just read the history
///   follows the stream from `run`'s answer (no cursor) or from here
/// @param run the turn that is waiting, ready or running at the head of the chat, else the last
///   one; null in an empty chat
/// @param worker who would answer
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Chat(
        UUID id,
        Instant createdAt,
        @Nullable String title,
        String cursor,
        @Nullable RunStatus run,
        Presence worker) {}
