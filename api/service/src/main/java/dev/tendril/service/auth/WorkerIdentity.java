package dev.tendril.service.auth;

import io.micronaut.http.HttpRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A worker whose token was verified and is not revoked. Bound as a controller argument on routes
/// that are `@Secured("worker")`.
///
/// @param workspaceId whose runs it may claim
/// @param workerId the worker
public record WorkerIdentity(UUID workspaceId, UUID workerId) {

    /// The role for `@Secured`.
    public static final String ROLE = "worker";

    /// The worker that makes this call, after security has run; null if it is no worker's.
    public static @Nullable WorkerIdentity of(HttpRequest<?> request) {
        return CallerBinder.callerOf(request, WorkerIdentity.class).orElse(null);
    }
}
