package dev.tendril.service.stream;

import org.jspecify.annotations.Nullable;

/// Who wrote a batch of frames.
///
/// @param batch the worker's number; null when the relay wrote it
public record Origin(@Nullable Long runId, @Nullable Long fence, @Nullable Integer batch) {}
