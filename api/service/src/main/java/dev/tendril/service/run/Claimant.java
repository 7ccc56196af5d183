package dev.tendril.service.run;

import java.util.UUID;

/// A worker that asks for work.
///
/// @param key of the request: the same key, the same runs
public record Claimant(UUID workspaceId, UUID workerId, UUID key) {}
