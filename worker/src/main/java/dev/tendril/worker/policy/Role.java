package dev.tendril.worker.policy;

import java.util.Locale;

/// On whose behalf a turn runs, as this worker verified it itself. Unverified means visitor.
public enum Role {
    /// Anyone on the page; every word may be hostile.
    VISITOR,
    /// A program with a service token.
    INTEGRATOR,
    /// The owner, through an enrolled device or at this machine.
    OPERATOR;

    /// The name in `policy.yml`.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
