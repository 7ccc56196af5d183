package dev.tendril.service.run;

import java.time.Duration;

/// The times of the queue, on the database's clock.
public final class Lease {

    /// From the claim to the worker's first call.
    public static final Duration OFFER = Duration.ofSeconds(10);

    /// From the first call, and from each renewal.
    public static final Duration LEASE = Duration.ofSeconds(30);

    /// Tries before a run fails.
    public static final int ATTEMPTS = 3;

    static final int OFFER_SECONDS = (int) OFFER.toSeconds();
    static final int LEASE_SECONDS = (int) LEASE.toSeconds();

    /// From the first claim of a turn to its end, whatever happens.
    static final int DEADLINE_SECONDS = 600;

    private Lease() {}
}
