package dev.tendril.worker.model;

import java.time.Duration;

/// How patient the worker is with a model.
///
/// @param firstByte from the request to the first byte of the answer; a local model may have to be
///   loaded first
/// @param idle the longest silence within an answer
public record ModelTimeouts(Duration firstByte, Duration idle) {
    /// 120 s and 60 s.
    public static final ModelTimeouts DEFAULT =
            new ModelTimeouts(Duration.ofSeconds(120), Duration.ofSeconds(60));
}
