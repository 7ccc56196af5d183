package dev.tendril.worker.model;

import dev.tendril.contract.chat.Metadata;
import org.jspecify.annotations.Nullable;

/// What a model says, piece by piece.
public sealed interface ModelEvent {
    /// Text to append to the answer.
    record Text(String delta) implements ModelEvent {}

    /// Text to append to the thoughts before or between the answer's texts.
    record Reasoning(String delta) implements ModelEvent {}

    /// A piece of a tool call. Pieces of one call have the same index and may alternate with
    /// others.
    ///
    /// @param index which call of this answer, from 0
    /// @param id the model's own id, with the first piece at least
    /// @param name the tool's name, with the first piece at least
    /// @param argumentsDelta JSON text to append
    record ToolCallDelta(
            int index, @Nullable String id, @Nullable String name, String argumentsDelta)
            implements ModelEvent {}

    /// A page that the answer rests on.
    ///
    /// @param url absolute, or `content:<file>#<anchor>` for a page without an address of its own
    record Source(String url, String title) implements ModelEvent {}

    /// Token counts so far; the last one counts.
    record Usage(Metadata.Usage tokens) implements ModelEvent {}

    /// The answer is complete. Nothing follows.
    ///
    /// @param reason `stop`, `length`, `tool-calls`, `content-filter` or `other`
    record End(String reason) implements ModelEvent {}
}
