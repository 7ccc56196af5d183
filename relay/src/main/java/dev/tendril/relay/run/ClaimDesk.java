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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Where workers wait for work.
///
/// Those who wait for the same pool with the same offers stand in one [Line]: what one of them does
/// not find, no other would. A run that becomes ready wakes the first of each line, the one that
/// has waited longest; whoever takes as much as it can wakes the next of its line, since there may
/// be more. A line is joined before each look at the queue, so that what becomes ready during the
/// look rings again.
///
/// Those who are awake at once are served by one statement: the queue gathers their requests.
@Singleton
class ClaimDesk implements GracefulShutdownCapable {

    private final Map<String, Map<Set<String>, Line>> waiting = new HashMap<>();
    private final Map<UUID, Waiter> byKey = new HashMap<>();
    private final Repeated looking = new Repeated("Looking for ready runs");
    private final RunQueue queue;
    private final Signals.Subscription subscription;
    private boolean closed;

    ClaimDesk(RunQueue queue, Signals signals) {
        this.queue = queue;
        this.subscription = signals.on(Topic.WORK, hint -> wakeFirsts(hint.key()));
    }

    /// Takes runs, waiting for them up to `most`; empty when there were none, when the caller hung
    /// up, or when a later request with the same key took this one's place. What was claimed for a
    /// caller who has gone is released.
    List<ClaimedRun> claim(
            Claimant who, int capacity, List<String> pools, Duration most, Waiter waiter) {
        long deadline = System.nanoTime() + most.toNanos();
        var place =
                new Place(
                        pools.stream()
                                .map(pool -> Hint.work(who.workspaceId(), pool).key())
                                .toList(),
                        Set.copyOf(who.offers()),
                        waiter);
        if (!enter(who.key(), waiter)) {
            return List.of();
        }
        boolean more = false;
        try {
            while (!waiter.gone()) {
                join(place);
                List<ClaimedRun> claimed = queue.claim(who, capacity, pools);
                if (!claimed.isEmpty()) {
                    more = claimed.size() >= capacity;
                    return waiter.gone() ? giveBack(who, claimed) : claimed;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || !waiter.await(Duration.ofNanos(left))) {
                    break;
                }
            }
            return List.of();
        } finally {
            // A bell that this one will not answer any more is the next one's.
            if (more || waiter.rung() || waiter.gone()) {
                wakeNext(place);
            }
            leave(who.key(), place);
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
        Set<String> pools;
        synchronized (this) {
            pools = Set.copyOf(waiting.keySet());
        }
        if (!pools.isEmpty()) {
            looking.run(() -> queue.readyPools(pools).forEach(this::wakeFirsts));
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

    private synchronized boolean enter(UUID key, Waiter waiter) {
        if (closed) {
            return false;
        }
        Waiter earlier = byKey.put(key, waiter);
        if (earlier != null) {
            earlier.leave();
        }
        return true;
    }

    private synchronized void join(Place place) {
        for (String pool : place.pools()) {
            waiting.computeIfAbsent(pool, _ -> new HashMap<>())
                    .computeIfAbsent(place.offers(), _ -> new Line())
                    .join(place.waiter());
        }
    }

    private synchronized void leave(UUID key, Place place) {
        byKey.remove(key, place.waiter());
        for (String pool : place.pools()) {
            waiting.computeIfPresent(
                    pool,
                    (_, lines) -> {
                        lines.computeIfPresent(
                                place.offers(),
                                (_, line) -> line.leave(place.waiter()) ? null : line);
                        return lines.isEmpty() ? null : lines;
                    });
        }
    }

    private synchronized void wakeFirsts(String pool) {
        waiting.getOrDefault(pool, Map.of()).values().forEach(Line::wakeFirst);
    }

    private synchronized void wakeNext(Place place) {
        for (String pool : place.pools()) {
            Line line = waiting.getOrDefault(pool, Map.of()).get(place.offers());
            if (line != null) {
                line.wakeAfter(place.waiter());
            }
        }
    }

    /// Where a request waits.
    private record Place(List<String> pools, Set<String> offers, Waiter waiter) {}
}
