package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finished messages, oldest first; the answer in flight is left out (the stream has it).
///
/// @param messages at most `limit`
/// @param next pass as `before` for the page before this one; null at the beginning of the chat
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MessagePage(
        @JsonInclude(JsonInclude.Include.ALWAYS) List<ChatMessage> messages,
        @Nullable String next) {
    /// Copies the messages.
    public MessagePage {
        messages = List.copyOf(messages);
    }
}
