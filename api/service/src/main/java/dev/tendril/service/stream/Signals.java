package dev.tendril.service.stream;

import java.util.function.Consumer;

/// Hints between those who write and those who wait, at most once: an implementation may drop,
/// repeat or reorder them. Whoever waits also looks on a timer.
public interface Signals extends AutoCloseable {

    /// Tells whoever listens on the hint's topic. Called after the commit; returns at once and
    /// never fails.
    void ring(Hint hint);

    /// Listens. The listener must return at once: it wakes somebody, it does not work.
    Subscription on(Topic topic, Consumer<Hint> listener);

    /// No hint comes or goes after this.
    @Override
    default void close() {}

    /// Ends by closing.
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
