package dev.tendril.worker.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before trying again: a random share of a span that doubles ("full jitter"), so
/// that many workers do not come back in the same instant.
///
/// @param first the span before the first retry
/// @param patience how many retries keep the first span, before it begins to double
/// @param most the longest span
public record Backoff(Duration first, int patience, Duration most) {
    /// For a relay that is away: it is looked for within 1 s about ten times (a restart takes a few
    /// seconds), then after 2, 4, 8, 16 and at last 30 s.
    public static final Backoff RELAY =
            new Backoff(Duration.ofSeconds(1), 10, Duration.ofSeconds(30));

    /// For a call under a lease, where waiting long means losing it.
    public static final Backoff LEASED =
            new Backoff(Duration.ofMillis(200), 2, Duration.ofSeconds(1));

    /// The wait before retry number `retry`, from 0.
    public Duration before(int retry, RandomGenerator random) {
        int doublings = Math.clamp(retry - (long) patience + 1, 0, 20);
        long span = Math.min(most.toMillis(), first.toMillis() << doublings);
        return Duration.ofMillis(random.nextLong(span + 1));
    }
}
