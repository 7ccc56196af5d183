package dev.tendril.service.run;

import java.util.UUID;

/// A lease that is in force.
public record HeldLease(long runId, UUID token) {}
