package dev.tendril.worker.relay;

import io.micronaut.context.ApplicationContext;
import io.micronaut.json.JsonMapper;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// What all tests share.
public final class Wire {
    private static final ApplicationContext CONTEXT =
            ApplicationContext.builder().banner(false).start();

    /// Knows the contract's records.
    public static final JsonMapper JSON = CONTEXT.getBean(JsonMapper.class);

    private Wire() {}

    /// Polls until the condition holds.
    ///
    /// @throws AssertionError after 10 s
    public static void await(String what, BooleanSupplier condition) {
        await(Duration.ofSeconds(10), what, condition);
    }

    /// Polls until the condition holds.
    ///
    /// @throws AssertionError when it does not in time
    public static void await(Duration limit, String what, BooleanSupplier condition) {
        long until = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
