package dev.tendril.worker.model;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory of an endpoint's failures: after three in a row it is left alone for 30 s, then tried
/// by one request.
final class Breaker {
    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);
    private static final int FAILURES = 3;
    private static final Duration REST = Duration.ofSeconds(30);

    private final LongSupplier nanos;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong restUntil = new AtomicLong();

    Breaker(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// Whether it may be asked now. After its rest one request may; it rests on until that request
    /// has said something.
    boolean ready() {
        if (failures.get() < FAILURES) {
            return true;
        }
        long now = nanos.getAsLong();
        long until = restUntil.get();
        return now - until >= 0 && restUntil.compareAndSet(until, now + REST.toNanos());
    }

    void worked() {
        failures.set(0);
    }

    /// @param name of the model that failed, for the log
    void failed(String name) {
        restUntil.set(nanos.getAsLong() + REST.toNanos());
        if (failures.incrementAndGet() == FAILURES) {
            LOG.warn("{} failed {} times in a row and rests", name, FAILURES);
        }
    }
}
