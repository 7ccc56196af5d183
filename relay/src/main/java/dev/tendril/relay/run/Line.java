package dev.tendril.relay.run;

import java.util.LinkedHashSet;

/// Requests that any of them can stand for: who waits longest goes first. Not thread-safe.
///
/// Whoever is woken steps out, so that the next bell is another's; it joins again at the end before
/// it looks.
final class Line {

    private final LinkedHashSet<Waiter> waiters = new LinkedHashSet<>();

    /// Without effect for one who stands here.
    void join(Waiter waiter) {
        waiters.add(waiter);
    }

    /// @return whether nobody is left
    boolean leave(Waiter waiter) {
        waiters.remove(waiter);
        return waiters.isEmpty();
    }

    void wakeFirst() {
        if (!waiters.isEmpty()) {
            waiters.removeFirst().ring();
        }
    }

    /// Wakes the first one besides this.
    void wakeAfter(Waiter waiter) {
        waiters.remove(waiter);
        wakeFirst();
    }
}
