package dev.tendril.service.run;

import io.micronaut.context.annotation.Property;
import io.micronaut.context.exceptions.ConfigurationException;
import jakarta.inject.Singleton;
import java.time.Duration;

/// The times of the queue, on the database's clock: one setting, and what follows from it.
@Singleton
public final class Lease {

    /// Tries before a run fails.
    public static final int ATTEMPTS = 3;

    /// From the first claim of a turn to its end, whatever happens.
    static final int DEADLINE_SECONDS = 600;

    private static final Duration LONGEST_OFFER = Duration.ofSeconds(10);
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Duration lease;

    /// @param lease `TENDRIL_LEASE`, 2 s to 10 min
    Lease(@Property(name = "tendril.lease", defaultValue = "30s") Duration lease) {
        if (lease.compareTo(SHORTEST) < 0 || lease.compareTo(LONGEST) > 0) {
            throw new ConfigurationException("TENDRIL_LEASE is 2s to 10m.");
        }
        this.lease = lease;
    }

    /// From the first call, and from each renewal.
    public Duration lease() {
        return lease;
    }

    /// From the claim to the worker's first call: a third of the lease, at most 10 s.
    public Duration offer() {
        Duration third = lease.dividedBy(3);
        return third.compareTo(LONGEST_OFFER) < 0 ? third : LONGEST_OFFER;
    }

    /// How long a heartbeat may be held: a third of the lease.
    public Duration patience() {
        return lease.dividedBy(3);
    }

    /// Between two looks for leases that have ended, on average.
    Duration reapInterval() {
        return lease.dividedBy(6);
    }

    double leaseSeconds() {
        return lease.toMillis() / 1000.0;
    }

    double offerSeconds() {
        return offer().toMillis() / 1000.0;
    }
}
