package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of a chat, in the AI SDK's `UIMessage` shape.
///
/// @param id unique within the chat; a visitor's own id for a visitor's message
/// @param role `user` or `assistant`
/// @param parts in order
/// @param metadata time, model, outcome
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChatMessage(
        String id,
        String role,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<Part> parts,
        @Nullable Metadata metadata) {
    /// Copies the parts.
    public ChatMessage {
        parts = List.copyOf(parts);
    }
}
