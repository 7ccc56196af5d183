package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the visitor marked in a chat.
///
/// @param pinned the pinned message
/// @param feedback one entry for each answer that has any
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Marks(
        @Nullable String pinned, @JsonInclude(JsonInclude.Include.ALWAYS) List<Feedback> feedback) {
    /// Copies the feedback.
    public Marks {
        feedback = List.copyOf(feedback);
    }
}
