package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a visitor gets of an answer, and what of a failure.
class AnswerTest extends WorkerScene {
    @Test
    void answersAndCheckpoints() {
        server.then(call -> call.say("Good", " day", "!"));
        start();
        ClaimedRun run = relay.ask("Hello?");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals("Good day!", relay.text(run.runId()));
        var types = new ArrayList<>(types(run));
        types.removeIf("TextDelta"::equals);
        assertEquals(
                List.of("Start", "StartStep", "TextStart", "TextEnd", "FinishStep", "Finish"),
                types);
        var start = assertInstanceOf(Frame.Start.class, relay.frames(run.runId()).getFirst());
        assertEquals(run.answerId(), start.messageId());
        var finish = assertInstanceOf(Frame.Finish.class, relay.frames(run.runId()).getLast());
        assertEquals(
                new Metadata(
                        null, "m", "llm", null, "stop", new Metadata.Usage(7L, 3L, 2L, null), null),
                finish.messageMetadata());
        assertEquals(List.of(1), steps(run));
        assertEquals("m", relay.sessions().getFirst().model());
    }

    @Test
    void historyAndPersonaReachTheModel() throws Exception {
        Files.writeString(dir.resolve("persona.md"), "You are Fern.");
        server.then(call -> call.say("ok"));
        start();
        var run =
                relay.ask(
                        List.of(
                                RelayDouble.visitor("1", "first"),
                                RelayDouble.assistant("2", "answer"),
                                RelayDouble.visitor("3", "unanswered"),
                                RelayDouble.visitor("4", "last")),
                        null,
                        1,
                        false);
        relay.awaitEnd(run.runId());
        String request = server.requests().getFirst();
        assertTrue(
                request.contains(
                        "[{\"role\":\"system\",\"content\":\"You are Fern.\"},"
                                + "{\"role\":\"user\",\"content\":\"first\"},"
                                + "{\"role\":\"assistant\",\"content\":\"answer\"},"
                                + "{\"role\":\"user\",\"content\":\"unanswered\\n\\nlast\"}]"),
                request);
    }

    @Test
    void firstTextAtOnceThenBatches() {
        int count = 400;
        server.then(call -> {
            call.begin();
            for (int i = 0; i < count; i++) {
                call.text("word" + i + " ");
            }
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Much");
        relay.awaitEnd(run.runId());
        String expected =
                IntStream.range(0, count)
                        .mapToObj(i -> "word" + i + " ")
                        .collect(Collectors.joining());
        assertEquals(expected, relay.text(run.runId()));
        assertTrue(
                relay.batchSizes(run.runId()).stream().allMatch(bytes -> bytes < 6_000),
                relay.batchSizes(run.runId()).toString());
        assertTrue(relay.frames(run.runId()).size() < 60, "deltas were not joined");
    }

    @Test
    void theBrakeWidensBatches() {
        relay.brake(300);
        server.then(call -> {
            call.begin();
            for (int i = 0; i < 40; i++) {
                call.text("w ");
                pause(25);
            }
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Slowly");
        relay.awaitEnd(run.runId());
        List<Long> at = relay.batchNanos(run.runId());
        assertTrue(at.size() >= 4, "batches: " + at.size());
        // Free of the brake are the first, the one that brings it, and the end; without it there
        // would be one every 40 ms.
        long ms = TimeUnit.NANOSECONDS.toMillis(at.getLast() - at.getFirst());
        assertTrue(at.size() <= 3 + ms / 300, at.size() + " batches in " + ms + " ms");
    }

    @Test
    void hugeDeltaAndOddCharacters() {
        String huge = "äöü🌱".repeat(5_000);
        server.then(call -> {
            call.begin();
            call.text(huge);
            call.data(ModelDouble.chunk("{\"content\":\"\\ud83c\"}", null));
            call.data(ModelDouble.chunk("{\"content\":\"\\udf31 a\\u0000b\\udf31\"}", null));
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Odd");
        relay.awaitEnd(run.runId());
        assertEquals(huge + "🌱 a\uFFFDb\uFFFD", relay.text(run.runId()));
        assertTrue(
                relay.batchSizes(run.runId()).stream().allMatch(bytes -> bytes < 6_000),
                relay.batchSizes(run.runId()).toString());
    }

    @Test
    void reasoningIsAPartOfItsOwn() {
        server.then(call -> {
            call.begin();
            call.data(ModelDouble.chunk("{\"reasoning_content\":\"hm\"}", null));
            call.text("yes");
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Think");
        relay.awaitEnd(run.runId());
        assertEquals(
                List.of(
                        new Frame.ReasoningStart("a1-s1-0"),
                        new Frame.ReasoningDelta("a1-s1-0", "hm"),
                        new Frame.ReasoningEnd("a1-s1-0"),
                        new Frame.TextStart("a1-s1-1"),
                        new Frame.TextDelta("a1-s1-1", "yes"),
                        new Frame.TextEnd("a1-s1-1")),
                relay.frames(run.runId()).subList(2, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model_unavailable", "model_error", "model_broken", "model_garbage"})
    void modelFailuresReachTheVisitor(String code) throws Exception {
        switch (code) {
            case "model_unavailable" -> server.close();
            case "model_error" -> server.then(call -> call.send(500, "text/plain", "boom"));
            case "model_broken" ->
                    server.then(call -> {
                        call.begin();
                        call.text("Well");
                    });
            default -> server.then(call -> call.send(200, "text/html", "<html>"));
        }
        start();
        ClaimedRun run = relay.ask("Hello?");
        relay.awaitEnd(run.runId());
        assertEquals("failed", relay.state(run.runId()));
        var failure = relay.failure(run.runId());
        assertEquals(code, failure.code());
        assertTrue(failure.retryable());
        assertFalse(failure.text().contains("127.0.0.1"), failure.text());
        assertEquals(code.equals("model_broken") ? "Well" : "", relay.text(run.runId()));
    }

    @Test
    void framesThatTheRelayRefusesFailVisibly() {
        relay.refuseFrames();
        server.then(call -> call.say("Good", " day"));
        start();
        ClaimedRun run = relay.ask("Hello?");
        relay.awaitEnd(run.runId());
        assertEquals("failed", relay.state(run.runId()), relay.calls()::toString);
        assertEquals("internal", relay.failure(run.runId()).code());
    }

    @Test
    void asManyAtOnceAsThereAreSlots() {
        var most = new AtomicInteger();
        var now = new AtomicInteger();
        server.then(call -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            pause(200);
            now.decrementAndGet();
            call.say("ok");
        });
        start(model(), TurnTools.NONE, 2);
        List<ClaimedRun> runs =
                IntStream.range(0, 6).mapToObj(i -> relay.ask("Question " + i)).toList();
        runs.forEach(run -> relay.awaitEnd(run.runId()));
        assertEquals(2, most.get());
    }
}
