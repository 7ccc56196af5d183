package dev.tendril.service.run;

import java.util.UUID;

/// A lease that nobody took away.
public record HeldLease(long runId, UUID token) {}
