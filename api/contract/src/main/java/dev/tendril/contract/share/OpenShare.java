package dev.tendril.contract.share;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// Reads a shared chat.
///
/// @param token what stands behind `/s/`; what is absent or malformed is as unknown as any other
@Serdeable
public record OpenShare(@Nullable String token) {}
