package dev.tendril.worker.model;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// One entry of a conversation as a model sees it; part of checkpoints.
@Serdeable
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "role")
public sealed interface PromptMessage {
    /// What the visitor said.
    @Serdeable
    @JsonTypeName("user")
    record User(String text) implements PromptMessage {}

    /// What the model said, and which tools it called.
    @Serdeable
    @JsonTypeName("assistant")
    record Assistant(String text, List<ToolCall> calls) implements PromptMessage {
        /// Copies the calls.
        public Assistant {
            calls = List.copyOf(calls);
        }
    }

    /// What a tool answered.
    ///
    /// @param callId the model's id of the call
    @Serdeable
    @JsonTypeName("tool")
    record ToolAnswer(String callId, String text) implements PromptMessage {}
}
