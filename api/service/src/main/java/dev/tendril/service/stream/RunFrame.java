package dev.tendril.service.stream;

import dev.tendril.contract.frame.Frame;

/// A frame of a run.
///
/// @param batchSeq last seq of the batch in which it was stored
public record RunFrame(long batchSeq, Frame frame) {}
