package dev.tendril.service.mail;

import java.time.Duration;
import java.util.UUID;

/// A letter to one address, in plain text and as a page.
///
/// @param chatId what it is about: it is deleted with that chat
/// @param kind `code` or `transcript`
/// @param language tag, such as `en`
/// @param goodFor when it could not be sent for so long, it is given up
public record Letter(
        UUID workspaceId,
        UUID chatId,
        String kind,
        EmailAddress address,
        String language,
        Content content,
        Duration goodFor) {

    /// @param subject one line
    /// @param text plain
    /// @param html a whole page that loads nothing
    public record Content(String subject, String text, String html) {}
}
