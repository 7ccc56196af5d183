package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;

/// Where a turn stands.
///
/// @param answerId the message that answers
/// @param messageId the message that is answered
/// @param state `waiting`, `ready`, `running`, `done`, `failed` or `cancelled` (docs/states.md)
/// @param position runs of the workspace that will start before it, plus 1; 0 unless waiting or
///   ready
/// @param attempt tries so far
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunStatus(
        String answerId, String messageId, String state, int position, int attempt) {}
