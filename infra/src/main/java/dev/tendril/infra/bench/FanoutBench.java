package dev.tendril.infra.bench;

import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.Memory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/// Messages from POST to stream, and what open streams cost.
final class FanoutBench {
    static final int ROOMS = 500;
    static final int PER_SECOND = 200;
    static final int CLIENTS = 64;

    /// Visitor's messages that a chat takes while nobody answers.
    static final int PER_ROOM = 4;

    private static final int IDLE = 200;
    private static final int FAN_OUTS = 20;
    private static final Duration BUSY = Duration.ofSeconds(6);
    private static final Duration POSTING = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private FanoutBench() {}

    /// One message after the other, into rooms `from` on with one reader each.
    static Latencies idle(Target target, int from) throws IOException {
        return probes(target, from, IDLE, 1, 4_000_000);
    }

    /// At [#PER_SECOND], into rooms `from` on with one reader each.
    static Latencies busy(Target target, int from)
            throws IOException, InterruptedException, ExecutionException {
        int messages = PER_SECOND * (int) BUSY.toSeconds();
        var seen = new Marks(messages);
        try (var swarm = new Swarm(target.server(), seen);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            open(swarm, target, from, ROOMS, 1);
            BlockingQueue<Wire> idle = new ArrayBlockingQueue<>(CLIENTS);
            for (int i = 0; i < CLIENTS; i++) {
                idle.add(target.wire());
            }
            var posting = new ArrayList<Future<Boolean>>();
            long begun = System.nanoTime();
            for (int i = 0; i < messages; i++) {
                int number = i;
                long at = begun + number * 1_000_000_000L / PER_SECOND;
                while (System.nanoTime() < at) {
                    LockSupport.parkNanos(at - System.nanoTime());
                }
                posting.add(
                        threads.submit(() -> {
                            seen.sent(number, System.nanoTime());
                            Wire wire = idle.take();
                            int room = from + number % ROOMS;
                            wire.post(target.path(room), target.body(1 + number / ROOMS, number))
                                    .expect(202);
                            return idle.add(wire);
                        }));
            }
            for (Future<Boolean> one : posting) {
                one.get();
            }
            seen.await(1);
            for (Wire wire : idle) {
                wire.close();
            }
        }
        return seen.latencies();
    }

    /// Messages of [#CLIENTS] clients per second, into rooms `from` on without readers.
    ///
    /// @param rooms so many of them
    static double posts(Target target, int from, int rooms)
            throws InterruptedException, ExecutionException {
        var next = new AtomicInteger();
        var accepted = new AtomicInteger();
        long begun = System.nanoTime();
        long end = begun + POSTING.toNanos();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(
                        threads.submit(() -> {
                            try (Wire wire = target.wire()) {
                                int n = next.getAndIncrement();
                                while (n < rooms * PER_ROOM && System.nanoTime() < end) {
                                    wire.post(
                                                    target.path(from + n % rooms),
                                                    target.body(1 + n / rooms, n))
                                            .expect(202);
                                    accepted.incrementAndGet();
                                    n = next.getAndIncrement();
                                }
                            }
                            return null;
                        }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        return accepted.get() * 1e9 / (System.nanoTime() - begun);
    }

    /// One message to `readers` of one room, to the last of them.
    static Latencies fanOut(Target target, int from, int readers) throws IOException {
        var micros = new ArrayList<Long>();
        for (int i = 0; i < FAN_OUTS; i += PER_ROOM) {
            int room = from + i / PER_ROOM;
            micros.addAll(
                    Arrays.stream(probes(target, room, PER_ROOM, readers, 20_000_000).micros())
                            .boxed()
                            .toList());
        }
        return Latencies.of(micros.stream().mapToLong(Long::longValue).toArray());
    }

    /// What `open` idle streams cost, in rooms `from` on.
    ///
    /// @param pid of the relay
    static FanoutReport.Streams memory(Target target, int from, int open, long pid)
            throws IOException, InterruptedException {
        double heap = settledHeap(pid);
        double rss = Memory.rssMb(pid);
        try (var swarm = new Swarm(target.server(), (_, _) -> {})) {
            open(swarm, target, from, open, 1);
            double openHeap = Memory.liveHeapMb(pid);
            double openRss = Memory.rssMb(pid);
            LockSupport.parkNanos(Duration.ofSeconds(13).toNanos()); // beyond a ping
            double laterHeap = Memory.liveHeapMb(pid);
            return new FanoutReport.Streams(
                    open,
                    swarm.broken(),
                    (openHeap - heap) * 1024 / open,
                    (openRss - rss) * 1024 / open,
                    (laterHeap - heap) * 1024 / open);
        }
    }

    /// Live heap when what was closed before has gone.
    private static double settledHeap(long pid) throws IOException, InterruptedException {
        double before = Memory.liveHeapMb(pid);
        for (int i = 0; i < 10; i++) {
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            double now = Memory.liveHeapMb(pid);
            if (now > before - 0.2) {
                return Math.min(now, before);
            }
            before = now;
        }
        return before;
    }

    /// One message after the other, each when all have the one before.
    private static Latencies probes(
            Target target, int from, int messages, int readers, long pauseNanos)
            throws IOException {
        var seen = new Marks(messages);
        int rooms = readers == 1 ? Math.min(messages, ROOMS) : 1;
        try (var swarm = new Swarm(target.server(), seen);
                var wire = target.wire()) {
            open(swarm, target, from, rooms, readers);
            for (int i = 0; i < messages; i++) {
                LockSupport.parkNanos(pauseNanos);
                seen.sent(i, System.nanoTime());
                wire.post(target.path(from + i % rooms), target.body(1 + i / rooms, i)).expect(202);
                int number = i;
                Await.until(LIMIT, "message " + i, () -> seen.count(number) >= readers);
            }
        }
        return seen.latencies();
    }

    private static void open(Swarm swarm, Target target, int from, int rooms, int readers)
            throws IOException {
        int opened = 0;
        for (int i = 0; i < rooms * readers; i++) {
            swarm.open(target.stream(from + i % rooms), target.granted());
            opened++;
            int least = opened - 64;
            Await.until(LIMIT, "streams to open", () -> swarm.opened() + swarm.broken() >= least);
        }
        Await.until(
                LIMIT,
                rooms * readers + " streams to open",
                () -> swarm.opened() + swarm.broken() >= rooms * readers);
        if (swarm.broken() > 0) {
            throw new IllegalStateException(swarm.broken() + " streams were refused");
        }
    }

    /// When marks were sent and last seen.
    private static final class Marks implements Swarm.Seen {
        private final long[] sent;
        private final AtomicLongArray last;
        private final AtomicIntegerArray count;

        Marks(int messages) {
            sent = new long[messages];
            last = new AtomicLongArray(messages);
            count = new AtomicIntegerArray(messages);
        }

        @Override
        public void mark(int number, long nanos) {
            last.set(number, nanos);
            count.incrementAndGet(number);
        }

        void sent(int number, long nanos) {
            sent[number] = nanos;
        }

        int count(int number) {
            return count.get(number);
        }

        void await(int readers) {
            for (int i = 0; i < sent.length; i++) {
                int number = i;
                Await.until(LIMIT, "message " + i, () -> count.get(number) >= readers);
            }
        }

        Latencies latencies() {
            var micros = new long[sent.length];
            for (int i = 0; i < micros.length; i++) {
                micros[i] = (last.get(i) - sent[i]) / 1_000;
            }
            return Latencies.of(micros);
        }
    }
}
