package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelTimeouts;
import dev.tendril.worker.model.OpenAiClient;
import dev.tendril.worker.relay.Wire;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A worker whose relay goes away, refuses, or takes the run back.
class WorkerLinkTest extends WorkerScene {
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
}
