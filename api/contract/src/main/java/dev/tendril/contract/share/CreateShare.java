package dev.tendril.contract.share;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// Asks for a link to a chat as it is now.
///
/// @param attachments whether its files can be seen too; null is no
/// @param days until the link ends, 1 to 30; null is 30
@Serdeable
public record CreateShare(@Nullable Boolean attachments, @Nullable Integer days) {}
