package dev.tendril.service.share;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A link as an operator sees it: no word of the chat, and nothing that opens it.
///
/// @param seq where the chat's stream stood when it was frozen
/// @param revokedAt null while nobody revoked it
public record ListedShare(
        UUID id,
        UUID chatId,
        long seq,
        boolean attachments,
        Instant createdAt,
        Instant expiresAt,
        @Nullable Instant revokedAt) {}
