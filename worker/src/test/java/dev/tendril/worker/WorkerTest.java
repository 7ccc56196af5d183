package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.auth.WorkerKey;
import dev.tendril.worker.auth.WorkerToken;
import dev.tendril.worker.chat.Persona;
import dev.tendril.worker.chat.TurnLimits;
import dev.tendril.worker.chat.TurnRunner;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.link.Announcement;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.Credentials;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelTimeouts;
import dev.tendril.worker.model.OpenAiClient;
import dev.tendril.worker.model.PatientModel;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import dev.tendril.worker.run.ClaimLoop;
import dev.tendril.worker.run.Self;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A worker put together as in the program, between a relay and a model that misbehave on request.
class WorkerTest {
    private static final UUID INSTANCE = UUID.randomUUID();

    private final RelayDouble relay = new RelayDouble();
    private final ModelDouble server = new ModelDouble();
    private final List<CompletableFuture<Void>> workers = new ArrayList<>();
    private final List<ClaimLoop> loops = new ArrayList<>();
    @TempDir private Path dir;

    @AfterEach
    void close() throws Exception {
        for (ClaimLoop loop : loops) {
            loop.drain(Duration.ZERO);
        }
        relay.close();
        server.close();
    }

    private static HttpClient http() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
    }

    private ModelClient model() {
        return new PatientModel(
                new OpenAiClient(
                        ModelEndpoint.of(server.url(), null, "m"),
                        new ModelTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(1)),
                        http(),
                        Wire.JSON));
    }

    private ClaimLoop start(ModelClient model, TurnTools tools, int concurrency) {
        WorkerKey key;
        try {
            key = WorkerKey.load(dir);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        var link =
                new RelayLink(
                        relay.uri(),
                        http(),
                        Wire.JSON,
                        new Credentials(
                                WorkerToken.parse(RelayDouble.TOKEN),
                                key,
                                () ->
                                        new Announcement(
                                                model.info().name(),
                                                model.info().kind(),
                                                "test",
                                                INSTANCE),
                                InstantSource.system()));
        var turns =
                new TurnRunner(
                        model,
                        tools,
                        new Persona(dir.resolve("persona.md")),
                        TurnLimits.DEFAULT,
                        Wire.JSON);
        var loop =
                new ClaimLoop(
                        link,
                        turns,
                        concurrency,
                        new Self(INSTANCE, () -> List.of("model:" + model.info().name(), "tools")));
        var running = new CompletableFuture<Void>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        loop.run();
                        running.complete(null);
                    } catch (CallRefused e) {
                        running.completeExceptionally(e);
                    }
                });
        workers.add(running);
        loops.add(loop);
        return loop;
    }

    private ClaimLoop start() {
        return start(model(), TurnTools.NONE, 4);
    }

    private List<String> types(ClaimedRun run) {
        return relay.frames(run.runId()).stream()
                .map(frame -> frame.getClass().getSimpleName())
                .toList();
    }

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

    private List<Integer> steps(ClaimedRun run) {
        return relay.checkpoints(run.runId()).stream().map(Checkpoint::step).toList();
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

    private static void pause(long ms) throws InterruptedException {
        new Semaphore(0).tryAcquire(ms, TimeUnit.MILLISECONDS);
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

    @Test
    void lostAnswersAreAskedForAgain() {
        server.then(call -> {
            call.begin();
            for (int i = 0; i < 30; i++) {
                call.text(i + " ");
                pause(20);
            }
            call.finish();
        });
        start();
        Wire.await("the first claim", () -> relay.calls().contains("/api/v1/claims"));
        relay.loseAnswers(2);
        ClaimedRun run = relay.ask("Count");
        Wire.await("a few words", () -> relay.text(run.runId()).length() > 6);
        relay.loseAnswers(3);
        relay.awaitEnd(run.runId());
        assertEquals(
                IntStream.range(0, 30).mapToObj(i -> i + " ").collect(Collectors.joining()),
                relay.text(run.runId()));
        assertEquals(1, server.requests().size());
    }

    @Test
    void aNewSessionWhenTheOldOneIsRefused() {
        server.then(call -> {
            call.begin();
            for (int i = 0; i < 20; i++) {
                call.text(i + " ");
                pause(20);
            }
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Count");
        Wire.await("a few words", () -> relay.text(run.runId()).length() > 6);
        relay.forgetSessions();
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals(2, relay.sessions().size());
    }

    @Test
    void aSessionIsRenewedInTime() {
        relay.sessionSeconds(-3600);
        server.then(call -> call.say("ok"));
        start();
        ClaimedRun run = relay.ask("With a clock that is an hour off");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals(1, relay.sessions().size(), "a session for each call");
    }

    @Test
    void aWrongTokenEndsTheWorker() throws Exception {
        relay.revokeToken();
        start();
        var end =
                assertThrows(
                        ExecutionException.class,
                        () -> workers.getFirst().get(5, TimeUnit.SECONDS));
        assertEquals(401, assertInstanceOf(CallRefused.class, end.getCause()).status());
    }

    @Test
    void relayAwayThenBack() {
        server.then(call -> call.say("here again"));
        relay.away();
        start();
        pausePolls();
        relay.back();
        ClaimedRun run = relay.ask("There?");
        Wire.await(
                Duration.ofSeconds(3), "an answer", () -> relay.state(run.runId()).equals("done"));
    }

    private static void pausePolls() {
        try {
            pause(1_500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void relayAwayInMidAnswer() {
        server.then(call -> {
            call.begin();
            for (int i = 0; i < 60; i++) {
                call.text(i + " ");
                pause(30);
            }
            call.finish();
        });
        start();
        ClaimedRun run = relay.ask("Count");
        Wire.await("a few words", () -> relay.text(run.runId()).length() > 10);
        relay.away();
        pausePolls();
        relay.back();
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals(
                IntStream.range(0, 60).mapToObj(i -> i + " ").collect(Collectors.joining()),
                relay.text(run.runId()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStopClosesTheModelWithinASecond(boolean speaking) throws Exception {
        server.then(call -> {
            if (speaking) {
                call.begin();
                call.text("Well");
            }
            call.awaitClose();
        });
        start(
                new OpenAiClient(
                        ModelEndpoint.of(server.url(), null, "m"),
                        ModelTimeouts.DEFAULT,
                        http(),
                        Wire.JSON),
                TurnTools.NONE,
                1);
        ClaimedRun run = relay.ask("Long");
        Wire.await("the question", () -> server.requests().size() == 1);
        Wire.await("the heartbeat", () -> heartbeats(run) >= 2);
        long stopped = System.nanoTime();
        relay.stop(run.runId());
        server.awaitClose(Duration.ofSeconds(2));
        long ms = TimeUnit.NANOSECONDS.toMillis(server.closedNanos() - stopped);
        assertTrue(ms < 500, "closed after " + ms + " ms");
        server.then(call -> call.say("next"));
        ClaimedRun next = relay.ask("The slot is free again");
        relay.awaitEnd(next.runId());
        assertEquals("cancelled", relay.state(run.runId()));
        assertEquals("done", relay.state(next.runId()));
    }

    private long heartbeats(ClaimedRun run) {
        String path = "/api/v1/runs/" + run.runId() + "/heartbeat";
        return relay.calls().stream().filter(path::equals).count();
    }

    @Test
    void aWorkerThatCannotRenewStopsByItselfBeforeTheLeaseEnds() throws Exception {
        relay.leaseMs(2_000);
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.awaitClose();
        });
        start(
                new OpenAiClient(
                        ModelEndpoint.of(server.url(), null, "m"),
                        ModelTimeouts.DEFAULT,
                        http(),
                        Wire.JSON),
                TurnTools.NONE,
                1);
        ClaimedRun run = relay.ask("Long");
        Wire.await("the heartbeat", () -> heartbeats(run) >= 2);
        Wire.await("the word", () -> relay.text(run.runId()).equals("Well"));
        long away = System.nanoTime();
        relay.away();
        server.awaitClose(Duration.ofSeconds(5));
        long ms = TimeUnit.NANOSECONDS.toMillis(server.closedNanos() - away);
        assertTrue(ms < 2_000, "stopped after " + ms + " ms, with a lease of 2000 ms");
    }

    @Test
    void aShortLeaseIsKeptWithoutASpin() throws Exception {
        relay.leaseMs(2_000);
        var go = new Semaphore(0);
        server.then(call -> {
            call.begin();
            go.acquireUninterruptibly();
            call.say("Late");
        });
        start();
        ClaimedRun run = relay.ask("Think");
        Wire.await("the question", () -> server.requests().size() == 1);
        long since = System.nanoTime();
        Wire.await("beats beyond the lease", () -> heartbeats(run) >= 8);
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        assertTrue(ms > 1_500, "eight heartbeats in " + ms + " ms: more than the lease needs");
        go.release();
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
    }

    @Test
    void aZombieWritesNothingMore() throws Exception {
        var go = new Semaphore(0);
        server.then(call -> {
            call.begin();
            call.text("Well");
            go.acquire();
            call.text(" too late");
            call.finish();
        });
        start(model(), TurnTools.NONE, 1);
        ClaimedRun run = relay.ask("Long");
        Wire.await("the word", () -> relay.text(run.runId()).equals("Well"));
        relay.stop(run.runId());
        go.release();
        Wire.await("the slot", () -> relay.calls().getLast().equals("/api/v1/claims"));
        assertEquals("Well", relay.text(run.runId()));
        assertEquals("cancelled", relay.state(run.runId()));
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

    @Test
    void drainHandsBackWhatIsNotFinished() throws Exception {
        server.then(call -> {
            call.begin();
            call.text("Well");
            pause(300);
            call.awaitClose();
        });
        var loop =
                start(
                        new OpenAiClient(
                                ModelEndpoint.of(server.url(), null, "m"),
                                ModelTimeouts.DEFAULT,
                                http(),
                                Wire.JSON),
                        TurnTools.NONE,
                        4);
        ClaimedRun run = relay.ask("Long");
        Wire.await("the word", () -> relay.text(run.runId()).equals("Well"));
        loop.drain(Duration.ofMillis(100));
        assertEquals("released", relay.state(run.runId()));
        assertTrue(relay.drained());
        server.awaitClose(Duration.ofSeconds(2));
        workers.getFirst().get(2, TimeUnit.SECONDS);
    }

    @Test
    void drainLetsAnAnswerFinish() throws Exception {
        server.then(call -> {
            call.begin();
            call.text("Well");
            pause(500);
            call.finish();
        });
        var loop = start();
        ClaimedRun run = relay.ask("Short");
        Wire.await("the word", () -> relay.text(run.runId()).equals("Well"));
        loop.drain(Duration.ofSeconds(5));
        assertEquals("done", relay.state(run.runId()));
    }

    // --- The loop of steps ------------------------------------------------------------------

    /// A visitor's tool that adds, and counts how often.
    private static final class Tools implements Tool {
        private final AtomicInteger calls = new AtomicInteger();
        private final ToolCard card;

        Tools(boolean repeatable) {
            card =
                    ToolCard.harmless("recall", "Adds.", "{\"type\":\"object\"}")
                            .with(Set.of(), repeatable)
                            .ownWords();
        }

        TurnTools box() {
            return new TurnTools(
                    new ToolBox(List.of(this), Policy.safe(), Role.VISITOR),
                    InstantSource.system());
        }

        @Override
        public ToolCard card() {
            return card;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context) {
            calls.incrementAndGet();
            return ToolResult.of(Map.of("sum", 5));
        }
    }

    private static void callTool(ModelDouble.Exchange call, String name) throws IOException {
        call.begin();
        call.text("Let me see.");
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\""
                                + name
                                + "\",\"arguments\":\"{\\\"a\\\":\"}}]}",
                        null));
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"2}\"}}]}",
                        null));
        call.data(ModelDouble.chunk("{}", "tool_calls"));
        call.data("[DONE]");
    }

    @Test
    void callsToolsAndGoesOn() {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(false);
        start(model(), tools.box(), 1);
        ClaimedRun run = relay.ask("2 + 3?");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals(1, tools.calls.get());
        var frames = relay.frames(run.runId());
        assertTrue(
                frames.contains(
                        new Frame.ToolInputAvailable("a1-s1-c0", "recall", Map.of("a", 2), true)),
                frames.toString());
        assertTrue(
                frames.contains(new Frame.ToolOutputAvailable("a1-s1-c0", Map.of("sum", 5), true)),
                frames.toString());
        assertEquals(List.of(1, 2, 3), steps(run));
        String second = server.requests().get(1);
        assertTrue(second.contains("\"tool_call_id\":\"c1\""), second);
        assertTrue(second.contains("\\\"sum\\\":5}"), second);
    }

    @Test
    void anUnknownToolIsToldToTheModel() {
        server.then(call -> callTool(call, "rm")).then(call -> call.say("Sorry."));
        start(model(), new Tools(false).box(), 1);
        ClaimedRun run = relay.ask("Delete it");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertTrue(
                relay.frames(run.runId())
                        .contains(
                                new Frame.ToolOutputError(
                                        "a1-s1-c0", "There is no tool rm; recall exists.", true)));
    }

    @Test
    void aModelThatOnlyCallsToolsIsStopped() {
        server.then(call -> callTool(call, "recall"));
        var tools = new Tools(true);
        start(model(), tools.box(), 1);
        ClaimedRun run = relay.ask("For ever");
        relay.awaitEnd(run.runId());
        var finish = assertInstanceOf(Frame.Finish.class, relay.frames(run.runId()).getLast());
        assertEquals("cap", finish.messageMetadata().reason());
        assertEquals(3, tools.calls.get());
        assertTrue(relay.text(run.runId()).startsWith("Let me see."));
    }

    /// A second attempt begins at each of the first one's checkpoints; nothing is done twice.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void continuesAfterACheckpoint(int step) {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(false);
        start(model(), tools.box(), 1);
        ClaimedRun first = relay.ask("2 + 3?");
        relay.awaitEnd(first.runId());
        Checkpoint at = relay.checkpoints(first.runId()).get(step - 1);
        int requests = server.requests().size();

        ClaimedRun second = relay.ask(first.history(), at, 2, true);
        relay.awaitEnd(second.runId());
        assertEquals("done", relay.state(second.runId()));
        assertEquals(1, tools.calls.get(), "a tool ran twice");
        assertFalse(types(second).contains("Start"), "start was written twice");
        switch (step) {
            case 1 -> {
                assertTrue(
                        relay.frames(second.runId()).stream()
                                .anyMatch(frame ->
                                        frame instanceof Frame.ToolOutputError error
                                                && error.toolCallId().equals("a1-s1-c0")
                                                && error.errorText().contains("unknown")));
                assertEquals(requests + 1, server.requests().size());
            }
            case 2 -> {
                assertEquals("It is 5.", relay.text(second.runId()));
                assertTrue(relay.frames(second.runId()).contains(new Frame.TextStart("a2-s2-0")));
                assertEquals(requests + 1, server.requests().size());
            }
            default -> {
                assertEquals(List.of("Finish"), types(second));
                assertEquals(requests, server.requests().size());
            }
        }
    }

    @Test
    void aRepeatableToolIsCalledAgain() {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(true);
        start(model(), tools.box(), 1);
        ClaimedRun first = relay.ask("2 + 3?");
        relay.awaitEnd(first.runId());
        ClaimedRun second =
                relay.ask(first.history(), relay.checkpoints(first.runId()).getFirst(), 2, true);
        relay.awaitEnd(second.runId());
        assertEquals(2, tools.calls.get());
    }

    @Test
    void aForeignCheckpointFailsVisibly() {
        start();
        ClaimedRun run =
                relay.ask(
                        List.of(RelayDouble.visitor("1", "x")),
                        new Checkpoint(1, "{\"version\":99}"),
                        2,
                        true);
        relay.awaitEnd(run.runId());
        assertEquals("internal", relay.failure(run.runId()).code());
    }
}
