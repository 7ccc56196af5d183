package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;

/// The relay has the message durably; its answer is queued.
///
/// @param messageId the visitor's message
/// @param answerId id of the message that will answer it
/// @param cursor read the stream after this to see every frame of this turn
/// @param duplicate true when the message had been stored before
/// @param run state of the turn
@Serdeable
public record Accepted(
        String messageId, String answerId, String cursor, boolean duplicate, RunStatus run) {}
