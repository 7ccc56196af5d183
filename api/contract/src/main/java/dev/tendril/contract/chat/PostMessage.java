package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// A visitor's new message. The same `id` twice is one message and one answer.
///
/// @param id made by the client, `[A-Za-z0-9_-]{1,64}`, unique within the chat
/// @param parts text parts; 1 to 4,000 characters together (Unicode code points)
@Serdeable
public record PostMessage(String id, List<Part> parts) {
    /// Copies the parts.
    public PostMessage {
        parts = List.copyOf(parts);
    }
}
