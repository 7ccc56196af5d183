package dev.tendril.service.run;

/// How often workers may write: as often as they like while appends are quick, less often when they
/// take long, since many small batches then cost more than they tell.
final class Pace {

    private static final int LEAST_MS = 40;
    private static final int MOST_MS = 500;
    private static final double QUICK_MS = 50;

    /// Weight of the newest append: about the last ten count.
    private static final double WEIGHT = 0.1;

    private double meanMs;

    /// An append took so long, from its arrival to its commit.
    synchronized void took(long nanos) {
        meanMs += WEIGHT * (nanos / 1e6 - meanMs);
    }

    /// Milliseconds from one batch of a run to its next: 40 up to a mean of 50 ms, 150 at 105 ms,
    /// 500 from 280 ms on.
    synchronized int minFlushMs() {
        return (int) Math.clamp(LEAST_MS + 2 * (meanMs - QUICK_MS), LEAST_MS, MOST_MS);
    }
}
