package dev.tendril.service.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every way to tell replicas of news must do, on two replicas that share nothing else.
abstract class SignalsConformance {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final BlockingQueue<Hint> here = new LinkedBlockingQueue<>();
    private final BlockingQueue<Hint> there = new LinkedBlockingQueue<>();
    private Signals ours;
    private Signals theirs;

    /// A replica of the installation under test; connects by itself, maybe later.
    abstract Signals replica() throws Exception;

    /// Whether hints cross from one replica to the other.
    abstract boolean crosses();

    /// How much of what the seam allows this implementation does to hints.
    Fidelity fidelity() {
        return Fidelity.EXACT;
    }

    /// At most once is the promise; all are held to it, most do better.
    enum Fidelity {
        /// Each hint once and here at once.
        EXACT,
        /// Late, repeated, in any order, but there.
        NOISY,
        /// Nothing.
        DEAF
    }

    @BeforeEach
    void start() throws Exception {
        ours = replica();
        theirs = replica();
        for (Topic topic : Topic.values()) {
            ours.on(topic, here::add);
            theirs.on(topic, there::add);
        }
        if (crosses()) {
            awaitLink(ours, theirs, there);
            awaitLink(theirs, ours, here);
        }
        here.clear();
        there.clear();
    }

    @AfterEach
    void stop() {
        ours.close();
        theirs.close();
    }

    @Test
    void aHintIsHeardHereAtOnceAndOnce() throws InterruptedException {
        Hint hint = Hint.stream(UUID.randomUUID(), 7);
        ours.ring(hint);
        switch (fidelity()) {
            // Before ring returns. The set-up's last hints may still come in beside it.
            case EXACT -> assertEquals(1, here.stream().filter(hint::equals).count());
            case NOISY -> awaitAll(here, Set.of(hint), new HashSet<>());
            case DEAF -> assertTrue(here.isEmpty());
        }
    }

    @Test
    void nothingIsHeardThatNobodyRang() throws InterruptedException {
        Set<Hint> rung = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Hint hint = i % 2 == 0 ? Hint.run(1000 + i) : Hint.work(new UUID(1, i), "chat");
            rung.add(hint);
            ours.ring(hint);
        }
        if (crosses()) {
            awaitAll(there, rung, new HashSet<>());
        }
        for (BlockingQueue<Hint> side : List.of(here, there)) {
            side.stream()
                    .filter(hint -> hint.topic() == Topic.RUN || hint.topic() == Topic.WORK)
                    .forEach(hint -> assertTrue(rung.contains(hint), hint.toString()));
        }
    }

    @Test
    void everyTopicIsHeardThereUnchanged() throws InterruptedException {
        UUID id = UUID.randomUUID();
        List<Hint> hints =
                List.of(
                        Hint.work(id, "chat"),
                        Hint.stream(id, Long.MAX_VALUE),
                        Hint.run(42),
                        Hint.queue(id));
        hints.forEach(ours::ring);
        if (crosses()) {
            Set<Hint> heard = new HashSet<>();
            awaitAll(there, new HashSet<>(hints), heard);
        } else {
            assertTrue(there.isEmpty());
        }
    }

    @Test
    void aThousandStreamsOfABurstAreAllHeardThere() throws InterruptedException {
        List<UUID> streams = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            streams.add(UUID.randomUUID());
        }
        Set<Hint> last = new HashSet<>();
        for (int seq = 1; seq <= 3; seq++) {
            for (UUID stream : streams) {
                ours.ring(Hint.stream(stream, seq));
            }
        }
        streams.forEach(stream -> last.add(Hint.stream(stream, 3)));
        if (fidelity() == Fidelity.EXACT) {
            assertEquals(3000, here.stream().filter(h -> h.topic() == Topic.STREAM).count());
        }
        if (crosses()) {
            awaitAll(there, last, new HashSet<>());
        }
    }

    @Test
    void aListenerThatFailsHarmsNoOther() throws InterruptedException {
        BlockingQueue<Hint> after = new LinkedBlockingQueue<>();
        ours.on(
                Topic.RUN,
                _ -> {
                    throw new IllegalStateException("a listener's own fault");
                });
        ours.on(Topic.RUN, after::add);
        ours.ring(Hint.run(1));
        switch (fidelity()) {
            case EXACT -> assertEquals(Hint.run(1), after.poll());
            case NOISY -> awaitAll(after, Set.of(Hint.run(1)), new HashSet<>());
            case DEAF -> assertTrue(after.isEmpty());
        }
    }

    @Test
    void afterItsCloseAListenerHearsNothing() {
        BlockingQueue<Hint> heard = new LinkedBlockingQueue<>();
        Signals.Subscription subscription = ours.on(Topic.RUN, heard::add);
        ours.ring(Hint.run(1));
        subscription.close();
        ours.ring(Hint.run(2));
        if (fidelity() == Fidelity.EXACT) {
            assertEquals(List.of(Hint.run(1)), List.copyOf(heard));
        }
        assertFalse(heard.contains(Hint.run(2)));
    }

    @Test
    void afterItsOwnCloseItNeitherFailsNorBlocks() {
        ours.close();
        ours.ring(Hint.run(3));
        assertTrue(here.stream().filter(Hint.run(3)::equals).count() <= 1);
    }

    final void awaitLink() throws InterruptedException {
        awaitLink(ours, theirs, there);
    }

    /// Until a hint of `from` is heard at `to`: connections open in the background.
    private static void awaitLink(Signals from, Signals to, BlockingQueue<Hint> heard)
            throws InterruptedException {
        assertNotNull(to);
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int i = 1; System.nanoTime() < end; i++) {
            from.ring(Hint.queue(new UUID(0, i)));
            @Nullable Hint hint = heard.poll(100, TimeUnit.MILLISECONDS);
            if (hint != null && hint.topic() == Topic.QUEUE) {
                return;
            }
        }
        throw new AssertionError("no hint crossed within " + LIMIT);
    }

    private static void awaitAll(BlockingQueue<Hint> side, Set<Hint> expected, Set<Hint> heard)
            throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!heard.containsAll(expected)) {
            @Nullable Hint hint = side.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (hint == null) {
                Set<Hint> missing = new HashSet<>(expected);
                missing.removeAll(heard);
                throw new AssertionError(
                        missing.size() + " hints not heard within " + LIMIT + ": " + missing);
            }
            heard.add(hint);
        }
    }
}
