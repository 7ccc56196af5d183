package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// The session's chats, the latest first.
@Serdeable
public record ChatList(@JsonInclude(JsonInclude.Include.ALWAYS) List<Chat> chats) {
    /// Copies the chats.
    public ChatList {
        chats = List.copyOf(chats);
    }
}
