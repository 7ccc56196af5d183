package dev.tendril.infra.bench;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.Clock;
import dev.tendril.infra.stage.Memory;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Chats through relay and worker beside reading the model directly.
final class ChatBench {
    static final int DELTAS = 60;
    static final int INTERVAL_MS = 25;
    private static final int SHORT_DELTAS = 20;
    private static final int ROUNDS = 2;
    private static final Duration THROUGHPUT = Duration.ofSeconds(4);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String MEASURED =
            "measure [stub stamp deltas=%d delay=%d]".formatted(DELTAS, INTERVAL_MS);
    private static final String SHORT = "short [stub deltas=%d]".formatted(SHORT_DELTAS);

    private final House.Relay relay;
    private final Visitor visitor;
    private final ModelReader model;
    private final Consumer<String> progress;

    ChatBench(House.Relay relay, Visitor visitor, ModelReader model, Consumer<String> progress) {
        this.relay = relay;
        this.visitor = visitor;
        this.model = model;
        this.progress = progress;
    }

    /// Runs code paths until they are compiled.
    void warmUp() throws Exception {
        progress.accept("warming up");
        perSecond(8, this::shortChat);
        perSecond(8, () -> model.ask(SHORT));
    }

    ChatReport.Row row(int chats) throws Exception {
        progress.accept(chats + (chats == 1 ? " chat" : " chats") + " at once");
        var direct = new ArrayList<Sample>();
        var through = new ArrayList<Sample>();
        for (int round = 0; round < ROUNDS; round++) {
            direct.addAll(atOnce(chats, () -> model.ask(MEASURED).sample(DELTAS)));
            through.addAll(atOnce(chats, this::measuredChat));
        }
        double directPerSecond = perSecond(chats, () -> model.ask(SHORT));
        double throughPerSecond = perSecond(chats, this::shortChat);
        Latencies directDeltas = deltas(direct);
        Latencies throughDeltas = deltas(through);
        double directFirst = first(direct).millis(50);
        double throughFirst = first(through).millis(50);
        return new ChatReport.Row(
                chats,
                ChatReport.Percentiles.of(directDeltas),
                ChatReport.Percentiles.of(throughDeltas),
                throughDeltas.millis(50) - directDeltas.millis(50),
                throughDeltas.millis(99) - directDeltas.millis(99),
                directFirst,
                throughFirst,
                throughFirst - directFirst,
                throughPerSecond,
                directPerSecond,
                Memory.rssMb(relay.process().pid()));
    }

    private Sample measuredChat() throws IOException, InterruptedException {
        UUID chat = visitor.openChat();
        var recorder = new Sample.Recorder(Clock.micros());
        Accepted accepted = visitor.say(chat, MEASURED);
        Answer answer = visitor.read(chat).answer(accepted.cursor(), LIMIT);
        requireFinished(answer);
        for (Answer.SeenFrame seen : answer.frames()) {
            if (seen.frame() instanceof Frame.TextDelta delta) {
                recorder.text(delta.delta(), seen.atMicros());
            }
        }
        return recorder.sample(DELTAS);
    }

    private Void shortChat() throws IOException, InterruptedException {
        UUID chat = visitor.openChat();
        Accepted accepted = visitor.say(chat, SHORT);
        requireFinished(visitor.read(chat).answer(accepted.cursor(), LIMIT));
        return null;
    }

    private static void requireFinished(Answer answer) {
        if (!(answer.last() instanceof Frame.Finish)) {
            throw new IllegalStateException("an answer ended with " + answer.last());
        }
    }

    private static <T> List<T> atOnce(int times, Callable<T> work)
            throws InterruptedException, ExecutionException {
        var results = new ArrayList<T>();
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<T>>();
            for (int i = 0; i < times; i++) {
                running.add(
                        threads.submit(() -> {
                            go.await();
                            return work.call();
                        }));
            }
            go.countDown();
            for (Future<T> one : running) {
                results.add(one.get());
            }
        }
        return results;
    }

    /// How often `clients` at once get `work` done in a second.
    private static double perSecond(int clients, Callable<?> work)
            throws InterruptedException, ExecutionException {
        var done = new AtomicLong();
        long start = System.nanoTime();
        long end = start + THROUGHPUT.toNanos();
        atOnce(
                clients,
                () -> {
                    while (System.nanoTime() < end) {
                        work.call();
                        done.incrementAndGet();
                    }
                    return done;
                });
        return done.get() * 1e9 / (System.nanoTime() - start);
    }

    private static Latencies deltas(List<Sample> samples) {
        return Latencies.of(
                samples.stream().flatMapToLong(s -> Arrays.stream(s.deltaMicros())).toArray());
    }

    private static Latencies first(List<Sample> samples) {
        return Latencies.of(samples.stream().mapToLong(Sample::firstMicros).toArray());
    }
}
