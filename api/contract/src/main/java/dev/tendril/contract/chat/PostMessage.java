package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A visitor's new message. The same `id` twice is one message and one answer.
///
/// @param id made by the client, `[A-Za-z0-9_-]{1,64}`, unique within the chat
/// @param parts text parts, 1 to 4,000 characters together (Unicode code points), and at most 3
///   `file` parts with the url of an [Attachment]; with one, the text may be empty
/// @param replaces the visitor's last message, which this one is the new wording of: it and its
///   answers leave the history; null for a further message
@Serdeable
public record PostMessage(String id, List<Part> parts, @Nullable String replaces) {
    /// Copies the parts.
    public PostMessage {
        parts = List.copyOf(parts);
    }

    /// A further message.
    public PostMessage(String id, List<Part> parts) {
        this(id, parts, null);
    }
}
