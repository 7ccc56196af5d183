package dev.tendril.worker.run;

import dev.tendril.worker.link.LeaseLost;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The right to act for one run, until a moment on the worker's monotonic clock. Once lost it stays
/// lost; once closed (the run ended) it can no longer be lost.
public final class Lease {
    /// How long before the relay could take the run away the worker stops by itself.
    static final long MARGIN_MS = 5_000;

    private final long runId;
    private final UUID token;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long untilNanos;
    private boolean accepted;
    private boolean ending;
    private boolean closed;
    private @Nullable String lost;

    /// @param runId the run
    /// @param token the claim's lease token
    /// @param offerMs how long the offer is good, from now
    Lease(long runId, UUID token, long offerMs) {
        this.runId = runId;
        this.token = token;
        this.untilNanos = end(System.nanoTime(), offerMs);
    }

    /// The run that may be acted for.
    public long runId() {
        return runId;
    }

    /// What every write carries.
    public UUID token() {
        return token;
    }

    /// Notes a successful renewal.
    ///
    /// @param startNanos when the renewing call began
    /// @param leaseMs the lease that it was given
    void renewed(long startNanos, long leaseMs) {
        lock.lock();
        try {
            long end = end(startNanos, leaseMs);
            untilNanos = accepted ? Math.max(untilNanos, end) : end;
            accepted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static long end(long startNanos, long leaseMs) {
        long margin = Math.min(MARGIN_MS, leaseMs / 4);
        return startNanos + TimeUnit.MILLISECONDS.toNanos(leaseMs - margin);
    }

    /// The call that ends the run is about to be made. From now on a heartbeat may find no lease
    /// because that call succeeded, so only the call itself says how the run ended.
    void ending() {
        lock.lock();
        try {
            ending = true;
        } finally {
            lock.unlock();
        }
    }

    /// Gives the lease up for lost; the first reason stays. Without effect once the run is ending.
    void lose(String reason) {
        lock.lock();
        try {
            if (lost == null && !ending && !closed) {
                lost = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The run has ended: from now on the lease is of no interest.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Whether the worker may act.
    public boolean held() {
        lock.lock();
        try {
            return lost == null && !closed && untilNanos - System.nanoTime() > 0;
        } finally {
            lock.unlock();
        }
    }

    /// @throws LeaseLost when the worker may no longer act
    public void check() throws LeaseLost {
        if (!held()) {
            throw new LeaseLost(reason());
        }
    }

    /// Why it was lost, for the log.
    String reason() {
        lock.lock();
        try {
            return lost == null ? "the lease could not be renewed in time" : lost;
        } finally {
            lock.unlock();
        }
    }

    /// Blocks until the lease is lost, has run out or is closed.
    ///
    /// @return whether it was lost
    boolean awaitEnd() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    return false;
                }
                if (lost != null) {
                    return true;
                }
                long left = untilNanos - System.nanoTime();
                if (left <= 0) {
                    lost = "the lease could not be renewed in time";
                    changed.signalAll();
                    return true;
                }
                changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Blocks for at most the given time, less if the lease ends.
    ///
    /// @return whether the worker may still act
    boolean pause(long millis) throws InterruptedException {
        long untilPause = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        lock.lockInterruptibly();
        try {
            while (lost == null && !closed) {
                long left = untilPause - System.nanoTime();
                if (left <= 0) {
                    return true;
                }
                changed.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }
}
