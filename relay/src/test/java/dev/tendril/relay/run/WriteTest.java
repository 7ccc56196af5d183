package dev.tendril.relay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What visitors and workers may write, and what they are told otherwise.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class WriteTest extends DatabaseTest {

    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.WorkerRole worker;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "writes");
        visitor = stage.visitor();
        worker = stage.worker();
    }

    @Test
    void twentyPostsOfOneMessageAreOneMessageAndOneRun() {
        UUID chat = visitor.chat();
        List<CompletableFuture<Answer>> posts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            posts.add(
                    CompletableFuture.supplyAsync(
                            () -> visitor.say(chat, "same", "Hello"),
                            task -> Thread.ofVirtual().start(task)));
        }
        List<Accepted> answers =
                posts.stream().map(post -> Stage.ok(202, post.join()).as(Accepted.class)).toList();
        assertEquals(1, answers.stream().filter(answer -> !answer.duplicate()).count());
        assertEquals(
                1,
                answers.stream()
                        .map(a -> List.of(a.messageId(), a.answerId(), a.cursor(), a.run()))
                        .distinct()
                        .count(),
                answers.toString());
        assertEquals("1", stage.sql("select count(*) from run where stream_id = '" + chat + "'"));
        assertEquals("1", stage.sql("select count(*) from message where chat_id = '" + chat + "'"));
        assertEquals("1", stage.sql("select count(*) from event where stream_id = '" + chat + "'"));
        visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
    }

    @Test
    void aMessageHasOneToFourThousandCharacters() {
        UUID chat = visitor.chat();
        assertEquals("message_empty", visitor.say(chat, "a", "").code());
        assertEquals("message_empty", visitor.say(chat, "a", " \\n\\t").code());
        assertEquals("too_large", visitor.say(chat, "a", "x".repeat(4_001)).code());
        assertEquals("too_large", visitor.say(chat, "a", "🌱".repeat(4_001)).code());
        assertEquals("too_large", visitor.say(chat, "a", "x".repeat(1_000_000)).code());
        assertEquals(202, visitor.say(chat, "a", "🌱".repeat(4_000)).status());
        visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
    }

    @Test
    void whatCannotBeStoredIsRefused() {
        UUID chat = visitor.chat();
        assertEquals("invalid_text", visitor.say(chat, "a", "a\\u0000b").code());
        assertEquals("invalid_text", visitor.say(chat, "a", "a\\ud83cb").code());
        assertEquals("invalid_text", visitor.say(chat, "a", "\\udf31").code());
        assertEquals(0, visitor.messages(chat).size());
    }

    @Test
    void whatIsNoMessageIsRefused() {
        UUID chat = visitor.chat();
        String path = "/api/v1/chats/" + chat + "/messages";
        String part = "{\"type\":\"text\",\"text\":\"x\"}";
        for (String body :
                List.of(
                        "",
                        "{",
                        "[]",
                        "\"x\"",
                        "null",
                        "{}",
                        "{\"id\":null,\"parts\":[" + part + "]}",
                        "{\"id\":\"a\",\"parts\":[null]}",
                        "{\"id\":\"a\",\"parts\":[{\"type\":\"text\"}]}",
                        "{\"id\":\"a\",\"parts\":[{\"type\":\"text\",\"text\":null}]}",
                        "{\"id\":\"a\",\"parts\":[{\"type\":\"unknown\"}]}",
                        "{\"id\":\"a\",\"parts\":[{\"type\":\"step-start\"}]}",
                        "{\"id\":\"a\",\"parts\":[" + (part + ",").repeat(16) + part + "]}",
                        "{\"id\":\"\",\"parts\":[" + part + "]}",
                        "{\"id\":\"a b\",\"parts\":[" + part + "]}",
                        "{\"id\":\"" + "a".repeat(65) + "\",\"parts\":[" + part + "]}")) {
            Answer answer = visitor.post(path, body);
            assertEquals(400, answer.status(), body + " " + answer.body());
            assertEquals("application/problem+json", answer.header("content-type"), body);
        }
        assertEquals("message_empty", visitor.post(path, "{\"id\":\"a\"}").code());
        for (String query : List.of("limit=0", "limit=101", "limit=x", "before=x", "before=-1")) {
            assertEquals(400, visitor.get(path + "?" + query).status(), query);
        }
        assertEquals(0, visitor.messages(chat).size());
    }

    @Test
    void historyComesInPages() {
        UUID chat = visitor.chat();
        for (int i = 0; i < 3; i++) {
            visitor.said(chat, "m" + i, "Q" + i);
            worker.answer(worker.claimed(), "A" + i);
        }
        String path = "/api/v1/chats/" + chat + "/messages?limit=4";
        var last = visitor.get(path).as(MessagePage.class);
        assertEquals("m1", last.messages().getFirst().id());
        assertEquals(4, last.messages().size());
        var first = visitor.get(path + "&before=" + last.next()).as(MessagePage.class);
        assertEquals(2, first.messages().size());
        assertEquals("m0", first.messages().getFirst().id());
        assertEquals(null, first.next());
    }

    @Test
    void batchesAreStoredOnceAndInOrder() {
        ClaimedRun run = run();
        assertEquals("batch_gap", worker.frames(run, 2, Frames.start(run)).code());
        Appended first = Stage.ok(200, worker.frames(run, 1, Frames.start(run))).as(Appended.class);
        assertFalse(first.duplicate());
        Appended again = Stage.ok(200, worker.frames(run, 1, Frames.start(run))).as(Appended.class);
        assertTrue(again.duplicate());
        assertEquals(first.lastSeq(), again.lastSeq());
        Answer gap = worker.frames(run, 3, Frames.STEP);
        assertEquals("batch_gap", gap.code());
        assertTrue(gap.body().contains("Send batch 2 next"), gap.body());
        Appended done = Stage.ok(200, worker.complete(run, 2, Frames.FINISH)).as(Appended.class);
        Appended twice = Stage.ok(200, worker.complete(run, 2, Frames.FINISH)).as(Appended.class);
        assertFalse(done.duplicate());
        assertTrue(twice.duplicate());
        assertEquals(done.lastSeq(), twice.lastSeq());
        assertEquals("lease_lost", worker.call(run, "release", "").code());
    }

    @Test
    void aWorkerWritesOnlyWhatAWorkerMayWrite() {
        ClaimedRun run = run();
        for (String[] frames :
                new String[][] {
                    {},
                    {Frames.STEP},
                    {Frames.STEP, Frames.start(run)},
                    {"{\"type\":\"start\",\"messageId\":\"other\"}"},
                    {Frames.start(run), Frames.FINISH},
                    {Frames.start(run), "{\"type\":\"abort\"}"},
                    {Frames.start(run), "{\"type\":\"error\",\"errorText\":\"x\"}"},
                    {Frames.start(run), "{\"type\":\"text-start\",\"id\":\"\"}"},
                    {Frames.start(run), "{\"type\":\"text-start\"}"},
                    {Frames.start(run), "{\"type\":\"unknown\"}"},
                    {Frames.start(run), "null"},
                    {
                        Frames.start(run),
                        "{\"type\":\"data-relay-superseded\",\"data\":{\"parts\":[],\"attempt\":1}}"
                    },
                    {
                        Frames.start(run),
                        "{\"type\":\"data-relay-failure\",\"data\":{\"code\":\"x\",\"retryable\":true}}"
                    }
                }) {
            Answer answer = worker.frames(run, 1, frames);
            assertEquals(400, answer.status(), String.join(",", frames) + answer.body());
        }
        assertEquals(400, worker.complete(run, 1, Frames.start(run)).status());
        assertEquals(400, worker.complete(run, 1).status());
        assertEquals(400, worker.complete(run, 1, Frames.FINISH, Frames.FINISH).status());
        assertEquals(400, worker.complete(run, 1, Frames.FINISH).status(), "no start");
        Stage.ok(200, worker.frames(run, 1, Frames.start(run)));
        assertEquals(400, worker.frames(run, 2, Frames.start(run)).status(), "start twice");
        Stage.ok(200, worker.complete(run, 2, Frames.FINISH));
    }

    @Test
    void nothingUnknownReachesAVisitor() {
        UUID chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Hi");
        ClaimedRun run = worker.claimed();
        Stage.ok(
                200,
                worker.frames(
                        run,
                        1,
                        Frames.start(run),
                        "{\"type\":\"text-start\",\"id\":\"a1t1\",\"seq\":7,\"evil\":{\"a\":1}}",
                        Frames.delta("a1t1", "a\\u0000b\\ud83cc \\ud83c\\udf31 \\\\u0000\\u2028")));
        Stage.ok(200, worker.complete(run, 2, Frames.textEnd("a1t1"), Frames.FINISH));
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            stream.nextFrame();
            assertEquals("{\"type\":\"text-start\",\"id\":\"a1t1\"}", stream.nextFrame().data());
        }
        assertEquals(
                List.of(new Part.Text("a\ufffdb\ufffdc 🌱 \\u0000\u2028")),
                visitor.messages(chat).getLast().parts());
    }

    @Test
    void anotherWorkerOrWorkspaceCannotTouchARun() {
        ClaimedRun run = run();
        var colleague = stage.worker();
        assertEquals("lease_lost", colleague.frames(run, 1, Frames.start(run)).code());
        assertEquals("lease_lost", colleague.call(run, "heartbeat", "").code());
        assertEquals("lease_lost", colleague.call(run, "release", "").code());
        var answer =
                worker.post(
                        "/api/v1/runs/999999999/release",
                        "{\"leaseToken\":\"" + run.leaseToken() + "\"}");
        assertEquals("lease_lost", answer.code());
        Stage.ok(200, worker.complete(run, 1, Frames.start(run), Frames.FINISH));
    }

    @Test
    void checkpointsContinueARun() {
        ClaimedRun run = run();
        String state = "{\\\"messages\\\":[1]}";
        Answer wrong = checkpoint(run, 1, 2, state, Frames.start(run));
        assertEquals(400, wrong.status());
        Stage.ok(
                200,
                checkpoint(
                        run,
                        1,
                        1,
                        state,
                        Frames.start(run),
                        Frames.textStart("a1t1"),
                        Frames.delta("a1t1", "Kept."),
                        Frames.textEnd("a1t1")));
        assertTrue(
                Stage.ok(200, checkpoint(run, 1, 1, state, Frames.start(run)))
                        .as(Appended.class)
                        .duplicate());
        Stage.ok(200, checkpoint(run, 2, 2, "two"));
        Stage.ok(
                200,
                worker.frames(run, 3, Frames.textStart("a1t2"), Frames.delta("a1t2", "Lost.")));
        assertEquals("too_large", checkpoint(run, 4, 3, "x".repeat(262_145)).code());
        assertEquals("invalid_text", checkpoint(run, 4, 3, "\\u0000").code());
        Stage.ok(204, worker.call(run, "release", ""));
        Stage.ok(204, worker.call(run, "release", ""));

        ClaimedRun next = worker.claimed();
        assertEquals(run.runId(), next.runId());
        assertEquals(1, next.attempt(), "a release gives the attempt back");
        assertTrue(next.fence() > run.fence());
        assertTrue(next.opened());
        assertEquals(2, next.checkpoint().step());
        assertEquals("two", next.checkpoint().state());
        assertEquals("lease_lost", worker.frames(run, 4, Frames.STEP).code());
        Stage.ok(
                200,
                worker.complete(
                        next,
                        1,
                        Frames.textStart("b1"),
                        Frames.delta("b1", "New."),
                        Frames.textEnd("b1"),
                        Frames.FINISH));
        assertEquals(
                List.of(new Part.Text("Kept."), new Part.Text("New.")),
                visitor.messages(next.chatId()).getLast().parts());
        try (var stream = visitor.stream(next.chatId(), "0")) {
            List<String> data = stream.frames().stream().map(e -> e.data()).toList();
            int end = data.indexOf(Frames.textEnd("a1t2"));
            assertEquals(
                    "{\"type\":\"data-relay-superseded\",\"data\":{\"parts\":[\"a1t2\"],\"attempt\":1},\"transient\":true}",
                    data.get(end + 1));
        }
        assertEquals(
                "0", stage.sql("select count(*) from checkpoint where run_id = " + run.runId()));
    }

    private Answer checkpoint(ClaimedRun run, int batch, int step, String state, String... frames) {
        return worker.post(
                "/api/v1/runs/" + run.runId() + "/checkpoint",
                "{\"leaseToken\":\"%s\",\"batch\":%d,\"frames\":[%s],\"checkpoint\":{\"step\":%d,\"state\":\"%s\"}}"
                        .formatted(run.leaseToken(), batch, String.join(",", frames), step, state));
    }

    private ClaimedRun run() {
        visitor.said(visitor.chat(), "m1", "Hi");
        return worker.claimed();
    }
}
