package dev.tendril.service.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects hints and hands them on from a thread of its own, at most once per pause, so that a
/// thousand commits ring once. The first hint after a quiet time goes at once.
///
/// Bounded: beyond 10,000 different keys hints are dropped, which costs those who wait for them the
/// second until they look by themselves.
final class Doorbell implements AutoCloseable {

    private static final int MOST_KEYS = 10_000;

    private final Map<Key, Long> pending = new LinkedHashMap<>();
    private final Duration pause;
    private final Delivery delivery;
    private final Thread thread;
    private boolean closed;

    /// @param pause least time between two deliveries
    Doorbell(String name, Duration pause, Delivery delivery) {
        this.pause = pause;
        this.delivery = delivery;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::deliver);
    }

    /// Returns at once.
    synchronized void ring(Hint hint) {
        if (closed) {
            return;
        }
        Key key = new Key(hint.topic(), hint.key());
        if (pending.size() < MOST_KEYS || pending.containsKey(key)) {
            pending.merge(key, hint.seq(), Math::max);
            notifyAll();
        }
    }

    /// What is pending is delivered, if that takes no longer than a second.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(Duration.ofSeconds(1));
            thread.interrupt();
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver() {
        try {
            while (true) {
                List<Hint> hints = take();
                if (hints.isEmpty()) {
                    return;
                }
                delivery.deliver(hints);
                pause();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<Hint> take() throws InterruptedException {
        while (pending.isEmpty() && !closed) {
            wait();
        }
        List<Hint> hints = new ArrayList<>(pending.size());
        pending.forEach((key, seq) -> hints.add(new Hint(key.topic(), key.key(), seq)));
        pending.clear();
        return hints;
    }

    private synchronized void pause() throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !closed; left = end - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    private record Key(Topic topic, String key) {}

    /// Where hints go. Must not throw; what cannot be delivered is lost.
    @FunctionalInterface
    interface Delivery {
        void deliver(List<Hint> hints) throws InterruptedException;
    }
}
