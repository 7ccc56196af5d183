package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Renewed;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Stop, failure, retry, waiting turns, and what others may see of them.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class TurnTest extends DatabaseTest {

    private EmbeddedServer server;
    private Tokens tokens;
    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.WorkerRole worker;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        this.server = server;
        this.tokens = tokens;
        stage = new Stage(server, tokens, dataSource(), "turns");
        visitor = stage.visitor();
        worker = stage.worker();
    }

    @Test
    void stopEndsTheAnswerAndReachesASilentWorkerWithinASecond() {
        UUID chat = visitor.chat();
        var first = visitor.said(chat, "m1", "Tell me");
        var second = visitor.said(chat, "m2", "And more");
        assertEquals("waiting", second.run().state());
        var run = worker.claimed();
        Stage.ok(
                200,
                worker.frames(
                        run,
                        1,
                        Frames.start(run),
                        Frames.STEP,
                        Frames.textStart("a1t1"),
                        Frames.delta("a1t1", "Once upon")));
        try (var stream = visitor.stream(chat, first.cursor())) {
            CompletableFuture<Answer> silent =
                    CompletableFuture.supplyAsync(
                            () -> worker.post(path(run.runId(), "heartbeat?wait=8"), lease(run)),
                            task -> Thread.ofVirtual().start(task));
            Stage.await(
                    "the heartbeat renews",
                    Duration.ofSeconds(5),
                    () ->
                            Double.parseDouble(
                                            stage.sql(
                                                    "select extract(epoch from lease_until - now()) from run where id = "
                                                            + run.runId()))
                                    > 29.5);
            long asked = System.nanoTime();
            Answer stopped = visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
            assertEquals("{\"stopped\":2}", Stage.ok(200, stopped).body());
            Answer told = silent.join();
            long afterMs = (System.nanoTime() - asked) / 1_000_000;
            assertEquals("lease_lost", told.code());
            assertTrue(afterMs < 1_000, afterMs + " ms");
            System.out.println("stop reached the worker after ms " + afterMs);

            List<RawStream.Event> frames = stream.frames();
            assertTrue(frames.getLast().done());
            assertTrue(frames.get(frames.size() - 2).is("abort"));
            assertTrue(frames.get(frames.size() - 3).is("finish-step"));
            assertTrue(frames.get(frames.size() - 4).is("text-end"));
        }
        Answer late = worker.frames(run, 2, Frames.delta("a1t1", " a time"));
        assertEquals("lease_lost", late.code());
        assertEquals("lease_lost", worker.complete(run, 2, Frames.FINISH).code());

        List<ChatMessage> history = visitor.messages(chat);
        assertEquals(
                List.of("m1", first.answerId(), "m2", second.answerId()),
                history.stream().map(ChatMessage::id).toList());
        assertEquals(List.of(new Part.Text("Once upon")), text(history.get(1)));
        assertEquals("stopped", history.get(1).metadata().state());
        assertEquals("stopped", history.get(3).metadata().state());
        assertEquals("{\"stopped\":0}", visitor.post(stop(chat), "{}").body());

        visitor.said(chat, "m3", "Once more");
        var next = worker.claimed();
        assertEquals(
                List.of("m1", first.answerId(), "m2", "m3"),
                next.history().stream().map(ChatMessage::id).toList(),
                "an answer that says nothing is no history");
        worker.answer(next, "Well");
    }

    @Test
    void aFailedTurnSaysWhyAndIsRetried() {
        UUID chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Try");
        var run = worker.claimed();
        Stage.ok(
                200,
                worker.frames(
                        run,
                        1,
                        Frames.start(run),
                        Frames.textStart("a1t1"),
                        Frames.delta("a1t1", "Half")));
        String why = ",\"code\":\"model_broke_off\",\"text\":\"It broke off.\",\"retryable\":true";
        Stage.ok(204, worker.call(run, "fail", why));
        Stage.ok(204, worker.call(run, "fail", why));
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            List<RawStream.Event> frames = stream.frames();
            assertTrue(frames.get(3).is("text-end"), frames.toString());
            assertEquals(
                    "{\"type\":\"data-relay-failure\",\"data\":{\"code\":\"model_broke_off\",\"retryable\":true},\"transient\":true}",
                    frames.get(4).data());
            assertEquals(
                    "{\"type\":\"error\",\"errorText\":\"It broke off.\"}", frames.get(5).data());
            assertTrue(frames.get(6).done());
        }
        ChatMessage failed = visitor.messages(chat).getLast();
        assertEquals("failed", failed.metadata().state());
        assertEquals("model_broke_off", failed.metadata().failure().code());
        assertEquals("failed", visitor.chat(chat).run().state());

        Answer retry = visitor.post("/api/v1/chats/" + chat + "/retry", "{}");
        Accepted again = Stage.ok(202, retry).as(Accepted.class);
        assertNotEquals(accepted.answerId(), again.answerId());
        assertEquals("ready", again.run().state());
        assertEquals(409, visitor.post("/api/v1/chats/" + chat + "/retry", "{}").status());
        var second = worker.claimed();
        assertEquals(run.runId(), second.runId());
        assertEquals(1, second.attempt());
        assertEquals("m1", second.history().getLast().id(), "the failed answer is no history");
        assertEquals(1, second.history().size());
        worker.answer(second, "Whole");
        try (var stream = visitor.stream(chat, again.cursor())) {
            List<RawStream.Event> frames = stream.frames();
            assertTrue(frames.getFirst().is("start"));
            assertTrue(frames.getFirst().data().contains(again.answerId()));
        }
        assertEquals(List.of(new Part.Text("Whole")), text(visitor.messages(chat).getLast()));
        assertEquals(409, visitor.post("/api/v1/chats/" + chat + "/retry", "{}").status());

        visitor.said(chat, "m2", "Next");
        var next = worker.claimed();
        assertEquals(
                List.of("m1", again.answerId(), "m2"),
                next.history().stream().map(ChatMessage::id).toList());
        worker.answer(next, "Fine");
    }

    @Test
    void aTurnThatNeverBeganIsStoppedToo() {
        UUID chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Never mind");
        Stage.ok(200, visitor.post(stop(chat), "{}"));
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            List<RawStream.Event> frames = stream.frames();
            assertTrue(frames.get(0).is("start"));
            assertTrue(frames.get(1).is("abort"));
            assertTrue(frames.get(2).done());
        }
        assertEquals(204, worker.claim(UUID.randomUUID(), 1, 0).status());
    }

    @Test
    void aChatTakesOneRunningAndThreeWaitingTurns() {
        UUID chat = visitor.chat();
        for (int i = 0; i < 4; i++) {
            visitor.said(chat, "m" + i, "Message");
        }
        assertEquals("chat_full", visitor.say(chat, "m4", "Too much").code());
        assertTrue(visitor.said(chat, "m2", "Again").duplicate());
        for (int i = 0; i < 4; i++) {
            var run = worker.claimed();
            assertEquals("m" + i, run.messageId());
            worker.answer(run, "Answer " + i);
        }
        assertEquals(8, visitor.messages(chat).size());
        stage.sql(
                """
                insert into message (chat_id, workspace_id, id, ordinal, role, parts)
                select '%s', '%s', 'f' || n, 1000 + n, 'user', '[]' from generate_series(1, 56) n
                """
                        .formatted(chat, stage.workspace()));
        assertEquals("chat_full", visitor.say(chat, "m9", "One more").code());
    }

    @Test
    void visitorsDoNotSeeEachOther() {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Secret");
        var other = stage.visitor();
        String base = "/api/v1/chats/" + chat;
        assertEquals(404, other.get(base).status());
        assertEquals(404, other.get(base + "/messages").status());
        assertEquals(404, other.say(chat, "x", "Hi").status());
        assertEquals(404, other.post(base + "/stop", "{}").status());
        assertEquals(404, other.post(base + "/retry", "{}").status());
        try (var stream = other.stream(chat, "0")) {
            assertEquals(404, stream.status());
        }
        assertEquals("{\"chats\":[]}", other.get("/api/v1/chats").body());
        assertEquals(404, visitor.get("/api/v1/chats/" + UUID.randomUUID()).status());
        assertEquals(404, visitor.get("/api/v1/chats/none").status());
        assertEquals(403, worker.post(base + "/stop", "{}").status());
        assertEquals(403, visitor.post("/api/v1/claims", "{}").status());
        assertEquals("ready", visitor.chat(chat).run().state());
        visitor.post(stop(chat), "{}");
    }

    @Test
    void aWaitingVisitorLearnsItsPlace() {
        UUID chat = visitor.chat();
        UUID ahead = visitor.chat();
        visitor.said(ahead, "m1", "First");
        var accepted = visitor.said(chat, "m1", "Second");
        assertEquals(2, accepted.run().position());
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            stream.next();
            var queued = stream.next();
            assertTrue(
                    queued.data().contains("\"state\":\"queued\",\"position\":2"), queued.data());
            var run = worker.claimed();
            var next = stream.next();
            assertTrue(next.data().contains("\"position\":1"), next.data());
            var own = worker.claimed();
            var running = stream.next();
            assertTrue(running.data().contains("\"state\":\"running\""), running.data());
            worker.answer(run, "a");
            worker.answer(own, "b");
        }
    }

    @Test
    void aVisitorLearnsSinceWhenNobodyIsThere() {
        Stage empty = new Stage(server, tokens, dataSource(), "empty");
        empty.sql(
                """
                insert into worker (workspace_id, name, token_id, token_hash, model, model_kind, last_seen_at)
                values ('%s', 'w', 'gone', 'gone', 'stub', 'llm', '2026-01-02T03:04:05Z')
                """
                        .formatted(empty.workspace()));
        var alone = empty.visitor();
        UUID chat = alone.chat();
        var accepted = alone.said(chat, "m1", "Anybody?");
        assertEquals("2026-01-02T03:04:05Z", alone.chat(chat).worker().lastSeenAt().toString());
        try (var stream = alone.stream(chat, accepted.cursor())) {
            stream.next();
            assertEquals(
                    "{\"type\":\"data-relay-status\",\"data\":{\"state\":\"queued\",\"position\":1,\"worker\":"
                            + "{\"online\":false,\"lastSeenAt\":\"2026-01-02T03:04:05Z\",\"model\":\"stub\",\"modelKind\":\"llm\"}},"
                            + "\"transient\":true}",
                    stream.next().data());
            var back = empty.worker();
            var run = back.claimed();
            back.answer(run, "Yes");
            List<RawStream.Event> frames = stream.frames();
            assertTrue(frames.getLast().done());
        }
    }

    @Test
    void whoEndsItsRunItselfHasNotLostIt() {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Hm");
        var run = worker.claimed();
        CompletableFuture<Answer> waiting =
                CompletableFuture.supplyAsync(
                        () -> worker.post(path(run.runId(), "heartbeat?wait=8"), lease(run)),
                        task -> Thread.ofVirtual().start(task));
        Stage.await(
                "the heartbeat renews",
                Duration.ofSeconds(5),
                () ->
                        "t"
                                .equals(
                                        stage.sql(
                                                "select accepted_at is not null from run where id = "
                                                        + run.runId())));
        worker.answer(run, "Done");
        assertEquals(200, waiting.join().status());
    }

    @Test
    void aHeartbeatRenewsAndWaits() {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Hm");
        var run = worker.claimed();
        long asked = System.nanoTime();
        Answer answer = worker.post(path(run.runId(), "heartbeat?wait=1"), lease(run));
        assertEquals(30_000, Stage.ok(200, answer).as(Renewed.class).leaseMs());
        assertTrue(System.nanoTime() - asked >= 1_000_000_000L);
        Stage.ok(204, worker.call(run, "release", ""));
        assertEquals("lease_lost", worker.post(path(run.runId(), "heartbeat"), lease(run)).code());
        visitor.post(stop(chat), "{}");
    }

    private static List<Part> text(ChatMessage message) {
        return message.parts().stream().filter(part -> part instanceof Part.Text).toList();
    }

    private static String stop(UUID chat) {
        return "/api/v1/chats/" + chat + "/stop";
    }

    private static String path(long runId, String call) {
        return "/api/v1/runs/" + runId + "/" + call;
    }

    private static String lease(ClaimedRun run) {
        return "{\"leaseToken\":\"" + run.leaseToken() + "\"}";
    }
}
