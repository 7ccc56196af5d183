package dev.tendril.worker.run;

import dev.tendril.contract.run.LeaseCall;
import dev.tendril.worker.link.Backoff;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.RelayAway;
import dev.tendril.worker.link.RelayLink;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Keeps one lease while its run is executed: a heartbeat is always under way, so that the relay
/// can tell of a stop at once, and a guard ends the work when no renewal came through in time.
final class LeaseKeeper implements AutoCloseable {
    /// How long the relay may hold a heartbeat; a third of the lease is the longest useful.
    private static final Duration WAIT = Duration.ofSeconds(8);

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

    private void beat() {
        var call = new LeaseCall(lease.token());
        // The offer is short: take it at once, wait for news only from the second call on.
        Duration wait = Duration.ZERO;
        int failures = 0;
        try {
            while (lease.held()) {
                long startNanos = System.nanoTime();
                try {
                    lease.renewed(startNanos, link.heartbeat(lease.runId(), call, wait).leaseMs());
                    if (failures == 0 && System.nanoTime() - startNanos < wait.toNanos() / 2) {
                        // A relay that answers early must not be asked without pause.
                        lease.pause(500);
                    }
                    wait = WAIT;
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
