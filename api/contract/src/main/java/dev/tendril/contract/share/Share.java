package dev.tendril.contract.share;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A link of the visitor's to one of their chats.
///
/// @param id names it in the visitor's own calls; it opens nothing
/// @param chatId the chat
/// @param title the chat's; null when it has none
/// @param createdAt when the chat was frozen
/// @param expiresAt from then on the link opens nothing
/// @param attachments whether files can be seen too
/// @param path where the relay shows it, such as `/s/…`: told once, when it is made, since the
///   relay keeps only a hash
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Share(
        UUID id,
        UUID chatId,
        @Nullable String title,
        Instant createdAt,
        Instant expiresAt,
        boolean attachments,
        @Nullable String path) {}
