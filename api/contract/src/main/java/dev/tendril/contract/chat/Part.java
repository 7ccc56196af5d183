package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// One part of a message, in the AI SDK's `UIMessage.parts` shape.
@Serdeable
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Part {

    /// Text, markdown in answers.
    @Serdeable
    @JsonTypeName("text")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Text(String text) implements Part {}

    /// What the model thought aloud.
    @Serdeable
    @JsonTypeName("reasoning")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Reasoning(String text) implements Part {}

    /// A tool call with its outcome.
    ///
    /// @param state `input-available`, `output-available` or `output-error`
    /// @param input any JSON value
    /// @param output any JSON value, with `output-available`
    /// @param errorText with `output-error`
    @Serdeable
    @JsonTypeName("dynamic-tool")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Tool(
            String toolName,
            String toolCallId,
            String state,
            @Nullable Object input,
            @Nullable Object output,
            @Nullable String errorText)
            implements Part {}

    /// A page that the answer rests on.
    @Serdeable
    @JsonTypeName("source-url")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SourceUrl(String sourceId, String url, @Nullable String title) implements Part {}

    /// An attachment.
    @Serdeable
    @JsonTypeName("file")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record File(String mediaType, String url, @Nullable String filename) implements Part {}

    /// The boundary before a step's parts.
    @Serdeable
    @JsonTypeName("step-start")
    record StepStart() implements Part {}
}
