package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.trace.Span;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The state from which another attempt continues. The relay stores it and never reads it.
///
/// @param step rises by one with each checkpoint of a run, from 1, also across attempts
/// @param state the worker's own JSON text, at most 256 KiB
/// @param spans model and tool calls that ended since the last checkpoint, at most 64; null for
///   none
/// @param snapshot what the worker wants to have with the chat's next claim: JSON text of its own,
///   at most 64 KiB; null leaves the last one
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Checkpoint(
        int step, String state, @Nullable List<Span> spans, @Nullable String snapshot) {
    /// Copies the spans.
    public Checkpoint {
        spans = spans == null || spans.isEmpty() ? null : List.copyOf(spans);
    }

    /// A state alone.
    public Checkpoint(int step, String state) {
        this(step, state, null, null);
    }
}
