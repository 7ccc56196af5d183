package dev.tendril.service.stream;

/// Consecutive frames as stored.
///
/// @param lines one JSON object per line, from `firstSeq` to `lastSeq`
/// @param timeline of the server that answered; another one than before means that history may have
///   been rewritten
public record StoredBatch(long firstSeq, long lastSeq, String lines, String timeline) {}
