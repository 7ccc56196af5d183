package dev.tendril.service.auth;

import io.micronaut.context.annotation.Primary;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The one clock that all replicas share: the database's. A token that one relay signs is good at
/// every other, whatever the clocks of their machines say or do.
///
/// Asked every 30 s; in between time goes on with this machine's monotonic clock, which no
/// administrator sets. While the database is away it goes on so, too.
@Primary
@Singleton
final class DatabaseClock implements InstantSource {

    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ClockStore store;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile @Nullable Read read;

    DatabaseClock(ClockStore store) {
        this.store = store;
    }

    @Override
    public Instant instant() {
        Read last = read;
        if (last == null) {
            asking.lock();
            try {
                return (read == null ? ask() : read).now();
            } finally {
                asking.unlock();
            }
        }
        if (last.ageNanos() > REFRESH_NANOS && asking.tryLock()) {
            try {
                return ask().now();
            } catch (RuntimeException e) {
                // Away: whoever needs it will say so.
                return last.now();
            } finally {
                asking.unlock();
            }
        }
        return last.now();
    }

    private Read ask() {
        var fresh = new Read(store.now(), System.nanoTime());
        read = fresh;
        return fresh;
    }

    private record Read(Instant at, long nanos) {
        long ageNanos() {
            return System.nanoTime() - nanos;
        }

        Instant now() {
            return at.plusNanos(ageNanos());
        }
    }
}
