package dev.tendril.worker.run;

import dev.tendril.contract.run.LeaseCall;
import dev.tendril.worker.link.Backoff;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.RelayAway;
import dev.tendril.worker.link.RelayLink;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Keeps one lease while its run is executed: a heartbeat is always under way, so that the relay
/// can tell of a stop at once, and a guard ends the work when no renewal came through in time.
final class LeaseKeeper implements AutoCloseable {
    /// How long the relay may hold a heartbeat at most; else a third of the lease.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(5);

    private final RelayLink link;
    private final Lease lease;
    private final Thread heart;
    private final Thread guard;

    /// @param onLost called once, from another thread, when the lease is lost
    LeaseKeeper(RelayLink link, Lease lease, Runnable onLost) {
        this.link = link;
        this.lease = lease;
        String name = "run-" + lease.runId();
        this.heart = Thread.ofVirtual().name(name + "-heart").unstarted(this::beat);
        this.guard = Thread.ofVirtual().name(name + "-guard").unstarted(() -> guard(onLost));
    }

    void start() {
        heart.start();
        guard.start();
    }

    /// Stops both; the lease is not given back.
    @Override
    public void close() {
        lease.close();
        heart.interrupt();
        guard.interrupt();
    }

    private void guard(Runnable onLost) {
        try {
            if (lease.awaitEnd()) {
                heart.interrupt();
                onLost.run();
            }
        } catch (InterruptedException e) {
            // Closed: nobody waits for this thread.
        }
    }

    /// A third of the lease in whole seconds, as the relay takes them.
    private static Duration hold(long leaseMs) {
        Duration third = Duration.ofSeconds(leaseMs / 3_000);
        return third.compareTo(LONGEST_WAIT) < 0 ? third : LONGEST_WAIT;
    }

    /// So short that a heartbeat without an answer can be repeated within the lease.
    private static Duration patience(long leaseMs) {
        Duration quarter = Duration.ofMillis(leaseMs / 4);
        return quarter.compareTo(LONGEST_PATIENCE) < 0 ? quarter : LONGEST_PATIENCE;
    }

    private static long millisSince(long startNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    private void beat() {
        var call = new LeaseCall(lease.token());
        // The offer is short: take it at once, wait for news only from the second call on.
        Duration wait = Duration.ZERO;
        Duration patience = LONGEST_PATIENCE;
        boolean first = true;
        int failures = 0;
        try {
            while (lease.held()) {
                long startNanos = System.nanoTime();
                try {
                    long leaseMs = link.heartbeat(lease.runId(), call, wait, patience).leaseMs();
                    lease.renewed(startNanos, leaseMs);
                    if (!first) {
                        // A relay that answers early, or cannot wait for whole seconds within a
                        // short lease, must not be asked without pause.
                        long restMs = Math.min(500, leaseMs / 6) - millisSince(startNanos);
                        lease.pause(Math.max(0, restMs));
                    }
                    first = false;
                    wait = hold(leaseMs);
                    patience = patience(leaseMs);
                    failures = 0;
                } catch (RelayAway e) {
                    wait = Duration.ZERO;
                    Duration pause = Backoff.LEASED.before(failures++, ThreadLocalRandom.current());
                    lease.pause(Math.max(pause.toMillis(), e.retryAfter().toMillis()));
                }
            }
        } catch (LeaseLost | CallRefused e) {
            lease.lose(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            // Closed: nobody waits for this thread.
        }
    }
}
