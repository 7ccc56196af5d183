package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.drill.Verdicts;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.nginx.Nginx;
import dev.tendril.infra.stub.SeenRequest;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.UnexpectedAnswer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Two relays behind a real nginx with the project's configuration, and two workers that know only
/// nginx. The lease is the usual one of 30 s, so that nobody has a second attempt for an excuse.
final class Replicas implements AutoCloseable {
    static final int VISITORS = 12;

    private static final int DELTAS = 60;
    private static final int DELAY_MS = 25;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FailureScene scene = FailureScene.get();
    private final House.Worker one;
    private final House.Worker other;
    private final List<Visitor> visitors = new ArrayList<>();
    private final AtomicInteger resends = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    final House.Relay left;
    final House.Relay right;
    final Nginx nginx;

    /// @param name distinguishes the processes of several of these
    /// @param environment of both relays
    Replicas(String name, Map<String, String> environment) throws Exception {
        // The scene's own worker would take the work away from those behind nginx.
        scene.worker.process().terminate();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> scene.house.relay(name + "-left", environment));
            var second = threads.submit(() -> scene.house.relay(name + "-right", environment));
            left = first.get();
            right = second.get();
        }
        nginx =
                Nginx.start(
                        Jars.ofThisBuild().root(),
                        FailureScene.directory(name + "-nginx"),
                        List.of(left.url(), right.url()));
        one = scene.house.worker(name + "-one", nginx.url(), FailureScene.options(scene.stub));
        other = scene.house.worker(name + "-other", nginx.url(), FailureScene.options(scene.stub));
        for (int i = 0; i < VISITORS; i++) {
            visitors.add(scene.house.visitor(nginx.url()));
        }
    }

    /// What happens under load.
    interface Accident {
        void happen() throws Exception;
    }

    /// What visitors saw.
    ///
    /// @param answers each of them whole, word for word
    /// @param resends calls that were repeated because their outcome was unknown
    /// @param resumed connections that ended early and were taken up again
    /// @param away the longest time from a lost connection until a relay streamed again
    /// @param silence the longest within an answer, which is also the worker's way back
    record Seen(int answers, int resends, int resumed, Duration away, Duration silence) {}

    /// Lets visitors talk without pause while `accident` happens, and some answers longer; then
    /// checks every word, every attempt and the whole database.
    Seen under(Accident accident) throws Exception {
        int resentBefore = resends.get();
        Queue<Turned> turned = new ConcurrentLinkedQueue<>();
        var over = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> talks = new ArrayList<>();
            for (Visitor visitor : visitors) {
                talks.add(
                        threads.submit(() -> {
                            while (over.get() == 0) {
                                turned.add(talk(visitor));
                                answered.incrementAndGet();
                            }
                            return null;
                        }));
            }
            try {
                FailureScene.soon("talk", () -> !turned.isEmpty());
                accident.happen();
            } finally {
                over.set(1);
            }
            for (Future<?> talk : talks) {
                talk.get();
            }
        }
        Verdicts.assertWhole(scene.house, FailureScene.SOON);
        Map<String, Long> asked =
                scene.model().requests().stream()
                        .map(SeenRequest::lastUserText)
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        long longest = 0;
        var away = Duration.ZERO;
        int resumed = 0;
        for (Turned turn : turned) {
            assertEquals(1, asked.get(turn.text()), "requests to the model for " + turn.text());
            assertEquals(1, turn.attempt(), "attempts");
            resumed += turn.answer().connections() - 1;
            longest = Math.max(longest, longestSilence(turn.answer()));
            if (turn.answer().away().compareTo(away) > 0) {
                away = turn.answer().away();
            }
        }
        var seen =
                new Seen(
                        turned.size(),
                        resends.get() - resentBefore,
                        resumed,
                        away,
                        Duration.of(longest, java.time.temporal.ChronoUnit.MICROS));
        System.out.println("Replicas: " + seen);
        assertTrue(seen.answers() >= VISITORS, "answers: " + seen);
        return seen;
    }

    /// Waits until so many more answers are whole.
    void awaitAnswers(int more) {
        int wanted = answered.get() + more;
        FailureScene.soon(more + " more answers", () -> answered.get() >= wanted);
    }

    private record Turned(String text, Answer answer, int attempt) {}

    /// One chat with one turn, as a page goes about it: a call without an answer is made again.
    private Turned talk(Visitor visitor) throws Exception {
        UUID chat = again(visitor::openChat);
        String id = UUID.randomUUID().toString();
        String text = FailureScene.text("replicas", DELTAS, DELAY_MS);
        Accepted accepted = again(() -> visitor.say(chat, id, text));
        Answer answer = visitor.read(chat).answer(accepted.cursor(), FailureScene.LONG);
        assertEquals(StubAnswer.text(1, text, DELTAS), answer.text());
        return new Turned(text, answer, again(() -> visitor.chat(chat)).run().attempt());
    }

    private interface Call<T> {
        T make() throws IOException, InterruptedException;
    }

    private <T> T again(Call<T> call) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return call.make();
            } catch (IOException e) {
                if (e instanceof UnexpectedAnswer answer && answer.status() < 500
                        || System.nanoTime() > deadline) {
                    throw e;
                }
                resends.incrementAndGet();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private static long longestSilence(Answer answer) {
        long longest = 0;
        long before = 0;
        for (Answer.SeenFrame seen : answer.frames()) {
            // Waiting for a free worker is not silence: it begins with the first text.
            if (before > 0) {
                longest = Math.max(longest, seen.atMicros() - before);
            }
            if (before > 0 || seen.frame() instanceof Frame.TextDelta) {
                before = seen.atMicros();
            }
        }
        return longest;
    }

    @Override
    public void close() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() -> one.process().terminate());
            threads.submit(() -> other.process().terminate());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() -> left.process().terminate());
            threads.submit(() -> right.process().terminate());
            threads.submit(() -> {
                scene.worker.start();
                return null;
            });
        }
        nginx.close();
    }
}
