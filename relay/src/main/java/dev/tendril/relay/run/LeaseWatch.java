package dev.tendril.relay.run;

import dev.tendril.service.database.Repeated;
import dev.tendril.service.run.HeldLease;
import dev.tendril.service.run.RunQueue;
import dev.tendril.service.stream.Signals;
import dev.tendril.service.stream.Topic;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Where silent workers wait to hear that a run was taken from them.
@Singleton
class LeaseWatch implements GracefulShutdownCapable {

    private final Map<Waiter, HeldLease> waiting = new HashMap<>();
    private final Repeated looking = new Repeated("Looking for lost leases");
    private final RunQueue queue;
    private final Signals.Subscription subscription;

    LeaseWatch(RunQueue queue, Signals signals) {
        this.queue = queue;
        this.subscription = signals.on(Topic.RUN, hint -> wake(Long.parseLong(hint.key())));
    }

    /// Waits up to `most`, or until the lease may be gone.
    void await(HeldLease lease, Duration most, Waiter waiter) {
        synchronized (this) {
            waiting.put(waiter, lease);
        }
        try {
            if (held(Set.of(lease))) {
                waiter.await(most);
            }
        } finally {
            synchronized (this) {
                waiting.remove(waiter);
            }
        }
    }

    /// Whether none of these leases was taken away.
    boolean held(Set<HeldLease> leases) {
        return queue.held(leases.stream().map(HeldLease::runId).toList()).containsAll(leases);
    }

    /// Makes up for lost signals: one query for everybody who waits.
    @Scheduled(fixedDelay = "1s")
    void look() {
        Map<Waiter, HeldLease> present;
        synchronized (this) {
            present = Map.copyOf(waiting);
        }
        if (!present.isEmpty()) {
            looking.run(() -> wakeTheLost(present));
        }
    }

    @Override
    public CompletionStage<?> shutdownGracefully() {
        close();
        return CompletableFuture.completedStage(null);
    }

    @PreDestroy
    void close() {
        subscription.close();
        synchronized (this) {
            waiting.keySet().forEach(Waiter::leave);
        }
    }

    private void wakeTheLost(Map<Waiter, HeldLease> present) {
        var held =
                new HashSet<>(queue.held(present.values().stream().map(HeldLease::runId).toList()));
        present.forEach((waiter, lease) -> {
            if (!held.contains(lease)) {
                waiter.ring();
            }
        });
    }

    private synchronized void wake(long runId) {
        waiting.forEach((waiter, lease) -> {
            if (lease.runId() == runId) {
                waiter.ring();
            }
        });
    }
}
