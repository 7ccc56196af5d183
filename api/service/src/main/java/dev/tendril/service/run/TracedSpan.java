package dev.tendril.service.run;

import dev.tendril.contract.trace.Span;

/// A stored span.
///
/// @param attempt of the run, in which it happened
/// @param span as the worker told it
public record TracedSpan(int attempt, Span span) {}
