package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Whether somebody is there to answer.
///
/// @param online a worker of the workspace called within the last 40 s and is not draining
/// @param lastSeenAt the latest call of any worker of the workspace; null when there never was one
/// @param model the model that the latest worker announced
/// @param modelKind `llm` or `guide`
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Presence(
        boolean online,
        @Nullable Instant lastSeenAt,
        @Nullable String model,
        @Nullable String modelKind) {}
