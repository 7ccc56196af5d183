package dev.tendril.relay.run;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.database.Repeated;
import dev.tendril.service.run.Claimant;
import dev.tendril.service.run.LeasedCall;
import dev.tendril.service.run.RunQueue;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import dev.tendril.service.stream.Topic;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Where workers wait for work.
///
/// A run that becomes ready wakes one of those who wait for its pool, the one that has waited
/// longest; whoever found something wakes the next, since there may be more.
@Singleton
class ClaimDesk implements GracefulShutdownCapable {

    private final Map<String, Deque<Waiter>> waiting = new HashMap<>();
    private final Map<UUID, Waiter> byKey = new HashMap<>();
    private final Repeated looking = new Repeated("Looking for ready runs");
    private final RunQueue queue;
    private final Signals.Subscription subscription;
    private boolean closed;

    ClaimDesk(RunQueue queue, Signals signals) {
        this.queue = queue;
        this.subscription = signals.on(Topic.WORK, hint -> wakeOne(hint.key()));
    }

    /// Takes runs, waiting for them up to `most`; empty when there were none, when the caller hung
    /// up, or when a later request with the same key took this one's place. What was claimed for a
    /// caller who has gone is released.
    List<ClaimedRun> claim(
            Claimant who, int capacity, List<String> pools, Duration most, Waiter waiter) {
        long deadline = System.nanoTime() + most.toNanos();
        List<String> keys =
                pools.stream().map(pool -> Hint.work(who.workspaceId(), pool).key()).toList();
        if (!enter(who.key(), keys, waiter)) {
            return List.of();
        }
        try {
            while (!waiter.gone()) {
                List<ClaimedRun> claimed = queue.claim(who, capacity, pools);
                if (!claimed.isEmpty()) {
                    keys.forEach(this::wakeOne);
                    return waiter.gone() ? giveBack(who, claimed) : claimed;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || !waiter.await(Duration.ofNanos(left))) {
                    break;
                }
                requeue(keys, waiter);
            }
            return List.of();
        } finally {
            leave(who.key(), keys, waiter);
        }
    }

    /// How many requests wait here.
    synchronized int parked() {
        return byKey.size();
    }

    /// Gives runs back that could not be delivered.
    private List<ClaimedRun> giveBack(Claimant who, List<ClaimedRun> claimed) {
        for (ClaimedRun run : claimed) {
            queue.release(
                    new LeasedCall(
                            who.workspaceId(), who.workerId(), run.runId(), run.leaseToken()));
        }
        return List.of();
    }

    /// Makes up for lost signals: one query for everybody who waits.
    @Scheduled(fixedDelay = "1s")
    void look() {
        Set<UUID> workspaces = new HashSet<>();
        synchronized (this) {
            for (String key : waiting.keySet()) {
                workspaces.add(UUID.fromString(key.substring(0, key.indexOf('/'))));
            }
        }
        if (!workspaces.isEmpty()) {
            looking.run(() -> queue.readyPools(workspaces).forEach(this::wakeOne));
        }
    }

    /// Sends everybody away, and whoever comes later.
    @Override
    public CompletionStage<?> shutdownGracefully() {
        close();
        return CompletableFuture.completedStage(null);
    }

    @PreDestroy
    void close() {
        subscription.close();
        synchronized (this) {
            closed = true;
            byKey.values().forEach(Waiter::leave);
        }
    }

    private synchronized boolean enter(UUID key, List<String> keys, Waiter waiter) {
        if (closed) {
            return false;
        }
        Waiter earlier = byKey.put(key, waiter);
        if (earlier != null) {
            earlier.leave();
        }
        keys.forEach(pool -> waiting.computeIfAbsent(pool, _ -> new ArrayDeque<>()).add(waiter));
        return true;
    }

    /// Whoever was woken stood up from the line; takes a place at its end again.
    private synchronized void requeue(List<String> keys, Waiter waiter) {
        for (String pool : keys) {
            Deque<Waiter> line = waiting.computeIfAbsent(pool, _ -> new ArrayDeque<>());
            if (!line.contains(waiter)) {
                line.add(waiter);
            }
        }
    }

    private synchronized void leave(UUID key, List<String> keys, Waiter waiter) {
        byKey.remove(key, waiter);
        for (String pool : keys) {
            waiting.computeIfPresent(
                    pool,
                    (_, line) -> {
                        line.remove(waiter);
                        return line.isEmpty() ? null : line;
                    });
        }
    }

    private synchronized void wakeOne(String key) {
        Deque<Waiter> line = waiting.get(key);
        Waiter first = line == null ? null : line.poll();
        if (first != null) {
            first.ring();
        }
    }
}
