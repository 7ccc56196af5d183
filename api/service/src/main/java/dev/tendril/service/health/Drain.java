package dev.tendril.service.health;

import jakarta.inject.Singleton;

/// Whether the process is leaving. Once it is, readiness is 503; there is no way back. Open answers
/// are ended by those who hold them, as Micronaut's graceful shutdown asks them to.
@Singleton
public final class Drain {

    private volatile boolean begun;

    /// Whether the process is leaving.
    public boolean begun() {
        return begun;
    }

    /// Begins to leave. Idempotent.
    public void begin() {
        begun = true;
    }
}
