package dev.tendril.worker.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One entry of a conversation as a model sees it; part of checkpoints.
@Serdeable
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "role")
public sealed interface PromptMessage {
    /// What the visitor said, and showed.
    ///
    /// @param images empty for a model that does not see
    @Serdeable
    @JsonTypeName("user")
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record User(String text, @Nullable List<PromptImage> images) implements PromptMessage {
        /// Copies the images. What is empty is left out of checkpoints.
        public User {
            text = Objects.requireNonNullElse(text, "");
            images = images == null ? List.of() : List.copyOf(images);
        }

        /// Words alone.
        public User(String text) {
            this(text, List.of());
        }

        /// The same with other words.
        public User withText(String other) {
            return new User(other, images());
        }

        /// Never null, unlike what a checkpoint may hold.
        @Override
        public List<PromptImage> images() {
            return Objects.requireNonNullElse(images, List.of());
        }
    }

    /// What the model said, and which tools it called.
    @Serdeable
    @JsonTypeName("assistant")
    record Assistant(String text, List<ToolCall> calls) implements PromptMessage {
        /// Copies the calls. What is empty is left out of checkpoints.
        public Assistant {
            text = Objects.requireNonNullElse(text, "");
            calls = List.copyOf(Objects.requireNonNullElse(calls, List.of()));
        }
    }

    /// What a tool answered.
    ///
    /// @param callId the model's id of the call
    @Serdeable
    @JsonTypeName("tool")
    record ToolAnswer(String callId, String text) implements PromptMessage {
        /// An empty text is left out of checkpoints.
        public ToolAnswer {
            text = Objects.requireNonNullElse(text, "");
        }
    }
}
