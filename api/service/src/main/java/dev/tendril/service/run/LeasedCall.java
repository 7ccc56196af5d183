package dev.tendril.service.run;

import java.util.UUID;

/// A worker's call on a run that it believes to hold.
public record LeasedCall(UUID workspaceId, UUID workerId, long runId, UUID token) {}
