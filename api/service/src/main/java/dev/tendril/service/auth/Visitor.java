package dev.tendril.service.auth;

import java.util.UUID;

/// A visitor whose token was verified and whose session is open. Bound as a controller argument on
/// routes that are `@Secured("visitor")`.
///
/// @param workspaceId every query of the call names it
/// @param sessionId owns the visitor's chats
public record Visitor(UUID workspaceId, UUID sessionId) {

    /// The role for `@Secured`.
    public static final String ROLE = "visitor";
}
