package dev.tendril.contract.share;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.ChatMessage;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;

/// A chat as it was when its visitor shared it. Nothing that was said, worded anew or answered
/// again later is in it; thoughts, tool calls and token counts never are.
///
/// @param site title of the site
/// @param sharedAt when it was frozen
/// @param expiresAt when the link ends
/// @param messages oldest first
@Serdeable
public record SharedChat(
        String site,
        Instant sharedAt,
        Instant expiresAt,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<ChatMessage> messages) {
    /// Copies the messages.
    public SharedChat {
        messages = List.copyOf(messages);
    }
}
