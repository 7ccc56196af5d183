package dev.tendril.contract.frame;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.Presence;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One chunk of an answer, in the exact shape of the AI SDK's UI message stream version 1.
///
/// Only fields that every tested SDK version accepts stand here: a `seq`, a `finishReason` or an
/// unknown type would break strict clients. What Tendril adds travels as `data-relay-*` with
/// `transient` true, which other clients skip.
///
/// Part ids (`text-*`, `reasoning-*`) are unique within one message, also across attempts.
@Serdeable
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Frame {

    /// Opens the assistant's message; sent once per message, whatever the number of attempts.
    @Serdeable
    @JsonTypeName("start")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Start(String messageId, @Nullable Metadata messageMetadata) implements Frame {}

    /// Opens a step: one model call with the tool calls that it asks for.
    @Serdeable
    @JsonTypeName("start-step")
    record StartStep() implements Frame {}

    /// Opens a text part.
    @Serdeable
    @JsonTypeName("text-start")
    record TextStart(String id) implements Frame {}

    /// Text to append to an open text part.
    @Serdeable
    @JsonTypeName("text-delta")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TextDelta(String id, String delta) implements Frame {}

    /// Closes a text part.
    @Serdeable
    @JsonTypeName("text-end")
    record TextEnd(String id) implements Frame {}

    /// Opens a reasoning part.
    @Serdeable
    @JsonTypeName("reasoning-start")
    record ReasoningStart(String id) implements Frame {}

    /// Text to append to an open reasoning part.
    @Serdeable
    @JsonTypeName("reasoning-delta")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ReasoningDelta(String id, String delta) implements Frame {}

    /// Closes a reasoning part.
    @Serdeable
    @JsonTypeName("reasoning-end")
    record ReasoningEnd(String id) implements Frame {}

    /// The model begins to write a tool call's arguments.
    ///
    /// @param dynamic always true: the page does not know the worker's tools at build time
    @Serdeable
    @JsonTypeName("tool-input-start")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ToolInputStart(String toolCallId, String toolName, @Nullable Boolean dynamic)
            implements Frame {}

    /// A fragment of the arguments' JSON text.
    @Serdeable
    @JsonTypeName("tool-input-delta")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ToolInputDelta(String toolCallId, String inputTextDelta) implements Frame {}

    /// The whole arguments of a tool call.
    ///
    /// @param input any JSON value
    @Serdeable
    @JsonTypeName("tool-input-available")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ToolInputAvailable(
            String toolCallId, String toolName, Object input, @Nullable Boolean dynamic)
            implements Frame {}

    /// What a tool answered.
    ///
    /// @param output any JSON value
    @Serdeable
    @JsonTypeName("tool-output-available")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ToolOutputAvailable(String toolCallId, Object output, @Nullable Boolean dynamic)
            implements Frame {}

    /// A tool failed; the turn goes on.
    @Serdeable
    @JsonTypeName("tool-output-error")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ToolOutputError(String toolCallId, String errorText, @Nullable Boolean dynamic)
            implements Frame {}

    /// A page that the answer rests on.
    @Serdeable
    @JsonTypeName("source-url")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SourceUrl(String sourceId, String url, @Nullable String title) implements Frame {}

    /// A file that belongs to the answer.
    @Serdeable
    @JsonTypeName("file")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record File(String url, String mediaType) implements Frame {}

    /// Closes a step.
    @Serdeable
    @JsonTypeName("finish-step")
    record FinishStep() implements Frame {}

    /// The answer is complete. Terminal.
    @Serdeable
    @JsonTypeName("finish")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Finish(@Nullable Metadata messageMetadata) implements Frame {}

    /// The visitor stopped the answer. Terminal.
    @Serdeable
    @JsonTypeName("abort")
    record Abort() implements Frame {}

    /// The turn failed; `errorText` is a sentence for the visitor. Terminal.
    @Serdeable
    @JsonTypeName("error")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Error(String errorText) implements Frame {}

    /// A visitor's message was stored: so that a second tab shows it too. Written by the relay.
    @Serdeable
    @JsonTypeName("data-relay-message")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RelayMessage(Said data, @JsonProperty("transient") boolean isTransient)
            implements Frame {
        /// @param data the stored message
        public RelayMessage(ChatMessage data) {
            this(data, null);
        }

        /// @param data the stored message
        /// @param replaces the message of which it is the new wording: that one, and what came
        ///   after it, is history no longer
        public RelayMessage(ChatMessage data, @Nullable String replaces) {
            this(new Said(data.id(), data.role(), data.parts(), data.metadata(), replaces), true);
        }

        /// A [ChatMessage], and what it replaces.
        @Serdeable
        @JsonInclude(JsonInclude.Include.NON_NULL)
        public record Said(
                String id,
                String role,
                @JsonInclude(JsonInclude.Include.ALWAYS) List<Part> parts,
                @Nullable Metadata metadata,
                @Nullable String replaces) {
            /// Copies the parts.
            public Said {
                parts = List.copyOf(parts);
            }
        }
    }

    /// The parts of a dead attempt beyond its last checkpoint no longer count. Written by the
    /// relay.
    @Serdeable
    @JsonTypeName("data-relay-superseded")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RelaySuperseded(Superseded data, @JsonProperty("transient") boolean isTransient)
            implements Frame {
        /// @param data which parts
        public RelaySuperseded(Superseded data) {
            this(data, true);
        }
    }

    /// Why a turn failed, in a form that pages can act on; stands right before its `error`.
    @Serdeable
    @JsonTypeName("data-relay-failure")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RelayFailure(Failure data, @JsonProperty("transient") boolean isTransient)
            implements Frame {
        /// @param data code and whether a retry makes sense
        public RelayFailure(Failure data) {
            this(data, true);
        }
    }

    /// Queue position and presence. Never stored: sent to one reader, without an SSE `id:` line.
    @Serdeable
    @JsonTypeName("data-relay-status")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RelayStatus(Status data, @JsonProperty("transient") boolean isTransient)
            implements Frame {
        /// @param data the moment's state
        public RelayStatus(Status data) {
            this(data, true);
        }
    }

    /// Older messages were summed up, because the chat outgrew the model's window: from here on the
    /// model reads the summary in their place. Written by the worker.
    @Serdeable
    @JsonTypeName("data-relay-compacted")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RelayCompacted(Compacted data, @JsonProperty("transient") boolean isTransient)
            implements Frame {
        /// @param data how much
        public RelayCompacted(Compacted data) {
            this(data, true);
        }
    }

    /// @param messages how many the summary stands for, earlier summaries' ones included
    @Serdeable
    record Compacted(int messages) {}

    /// @param parts what to drop: ids of text and reasoning parts, tool call ids, source ids, file
    ///   addresses
    /// @param attempt the attempt that died, from 1
    @Serdeable
    record Superseded(List<String> parts, int attempt) {
        /// Copies the list.
        public Superseded {
            parts = List.copyOf(parts);
        }
    }

    /// @param code machine-readable cause, e.g. `model_unavailable`
    /// @param retryable whether the visitor should be offered a retry
    @Serdeable
    record Failure(String code, boolean retryable) {}

    /// @param state `queued` or `running`
    /// @param position place in the queue, 1 = next; 0 while running
    /// @param worker who would answer
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(String state, int position, Presence worker) {}

    /// Whether nothing of the same message follows this frame.
    default boolean terminal() {
        return switch (this) {
            case Finish _, Abort _, Error _ -> true;
            case Start _,
                    StartStep _,
                    TextStart _,
                    TextDelta _,
                    TextEnd _,
                    ReasoningStart _,
                    ReasoningDelta _,
                    ReasoningEnd _,
                    ToolInputStart _,
                    ToolInputDelta _,
                    ToolInputAvailable _,
                    ToolOutputAvailable _,
                    ToolOutputError _,
                    SourceUrl _,
                    File _,
                    FinishStep _,
                    RelayMessage _,
                    RelaySuperseded _,
                    RelayFailure _,
                    RelayStatus _,
                    RelayCompacted _ ->
                    false;
        };
    }
}
