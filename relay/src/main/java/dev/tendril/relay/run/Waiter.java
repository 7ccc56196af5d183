package dev.tendril.relay.run;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One parked call.
final class Waiter {

    private final Semaphore bell = new Semaphore(0);
    private volatile boolean gone;

    /// Wakes the call; a bell that rang before is not forgotten.
    void ring() {
        bell.release();
    }

    /// The caller hung up: nobody will read the answer.
    void leave() {
        gone = true;
        bell.release();
    }

    /// Whether a bell rang that was not waited for.
    boolean rung() {
        return bell.availablePermits() > 0;
    }

    boolean gone() {
        return gone;
    }

    /// Waits for the bell.
    ///
    /// @return false when the time is over
    boolean await(Duration most) {
        try {
            boolean rang = bell.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
            bell.drainPermits();
            return rang;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            leave();
            return false;
        }
    }
}
