package dev.tendril.infra.stage;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Waits for what another process brings about and nothing signals. Looks every 5 ms.
public final class Await {
    private static final long LOOK_NANOS = 5_000_000;

    private Await() {}

    /// Waits until `condition` holds.
    ///
    /// @param what completes the sentence "waited … for", for the failure
    /// @throws AssertionError when it does not hold in time
    public static void until(Duration limit, String what, Callable<Boolean> condition) {
        value(limit, what, () -> condition.call() ? true : null);
    }

    /// The first value of `source` that is not null.
    ///
    /// @param what completes the sentence "waited … for", for the failure
    /// @throws AssertionError when there is none in time
    public static <T> T value(Duration limit, String what, Callable<@Nullable T> source) {
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable Exception last = null;
        do {
            try {
                T value = source.call();
                if (value != null) {
                    return value;
                }
                last = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        } while (System.nanoTime() < deadline);
        throw new AssertionError("waited " + limit + " in vain for " + what, last);
    }
}
