package dev.tendril.service.auth;

import java.util.UUID;

/// A worker whose token was verified and is not revoked. Bound as a controller argument on routes
/// that are `@Secured("worker")`.
///
/// @param workspaceId whose runs it may claim
/// @param workerId the worker
public record WorkerIdentity(UUID workspaceId, UUID workerId) {

    /// The role for `@Secured`.
    public static final String ROLE = "worker";
}
