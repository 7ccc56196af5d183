package dev.tendril.contract.trace;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.Metadata;
import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One model call or tool call of a run. Travels with the checkpoint that follows it, so a trace is
/// as durable as what it tells of.
///
/// @param id unique in the run; a tool call's id on the wire; 1 to 200 characters
/// @param step the model call that it is or belongs to, from 1
/// @param kind what it is
/// @param name of the model or the tool, at most 200 characters
/// @param time when and how long
/// @param outcome why the model ended, or a tool's `ok`, `denied`, `timed_out` and so on
/// @param spent what it took; null for tools
/// @param words what went in and came out; null for model calls, whose words are the answer
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Span(
        String id,
        int step,
        Kind kind,
        String name,
        Time time,
        String outcome,
        @Nullable Spent spent,
        @Nullable Words words) {

    /// What a span is about.
    public enum Kind {
        /// A step's model call.
        MODEL,
        /// A model call that summed up older messages.
        COMPACT,
        /// A tool call.
        TOOL
    }

    /// @param startedAt on the worker's wall clock
    /// @param ms on its monotonic clock
    /// @param firstMs until the first word; null when there was none
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Time(Instant startedAt, long ms, @Nullable Long firstMs) {}

    /// @param usage tokens, as far as the provider counted them
    /// @param cost in the currency of the worker's table of prices; null when it has none
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Spent(Metadata.@Nullable Usage usage, @Nullable BigDecimal cost) {}

    /// @param input JSON text of the arguments, at most 8,000 characters
    /// @param output JSON text of the result, or the reason of the failure, at most 8,000
    ///   characters
    @Serdeable
    public record Words(String input, String output) {}
}
