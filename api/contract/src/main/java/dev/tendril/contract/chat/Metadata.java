package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What stands beside a message's text: `messageMetadata` on the wire, `metadata` in history.
///
/// @param createdAt when the relay stored it
/// @param model the model that answered, as the worker names it
/// @param modelKind `llm` or `guide` (the built-in extractive answerer, no LLM)
/// @param state absent for a finished answer, else `stopped` or `failed`
/// @param reason why the model ended: `stop`, `length`, `tool-calls`, `content-filter`, `cap`,
///   `other`
/// @param usage tokens, as the provider reported them
/// @param failure why a failed answer failed
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Metadata(
        @Nullable Instant createdAt,
        @Nullable String model,
        @Nullable String modelKind,
        @Nullable String state,
        @Nullable String reason,
        @Nullable Usage usage,
        @Nullable AnswerFailure failure) {

    /// Metadata of a message that only has a time.
    public static Metadata at(@Nullable Instant createdAt) {
        return new Metadata(createdAt, null, null, null, null, null, null);
    }

    /// Token counts of one answer; null means that the provider did not say, never zero.
    ///
    /// @param in prompt tokens, cached ones included
    /// @param out completion tokens, reasoning ones included
    /// @param cached prompt tokens read from the provider's cache
    /// @param reasoning completion tokens spent on reasoning
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Usage(
            @Nullable Long in,
            @Nullable Long out,
            @Nullable Long cached,
            @Nullable Long reasoning) {}

    /// @param code machine-readable cause
    /// @param text a sentence for the visitor
    /// @param retryable whether to offer a retry
    @Serdeable
    public record AnswerFailure(String code, String text, boolean retryable) {}
}
