package dev.tendril.infra.stub;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What became of one model request.
///
/// @param id rises by one with each request
/// @param model as asked for
/// @param lastUserText what was asked
/// @param messages how many messages the prompt had
/// @param state `open`, `finished`, `aborted` (the caller hung up) or `fault` (the stub did what
///   its plan says)
/// @param endedAt null while open
/// @param deltas text deltas written
@Serdeable
public record SeenRequest(
        long id,
        String model,
        String lastUserText,
        int messages,
        String state,
        Instant startedAt,
        @Nullable Instant endedAt,
        int deltas) {}
