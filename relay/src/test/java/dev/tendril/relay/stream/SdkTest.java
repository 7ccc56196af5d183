package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The calls of the AI SDK's default transport.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class SdkTest extends DatabaseTest {

    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.WorkerRole worker;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "sdk");
        visitor = stage.visitor();
        worker = stage.worker();
    }

    @Test
    void aMessageIsAnsweredInItsResponseAndTheSameOneIsNotAskedTwice() throws Exception {
        var first = posting(visitor, body("page-1", "m1", "Hello"));
        ClaimedRun run = worker.claimed();
        // A second try of the same message while the first is being answered.
        var second = posting(visitor, body("page-1", "m1", "Hello"));
        worker.answer(run, "Good day");
        for (var answer : java.util.List.of(first, second)) {
            Answer stream = answer.get(20, TimeUnit.SECONDS);
            assertEquals(200, stream.status(), stream.body());
            assertTrue(stream.header("Content-Type").startsWith("text/event-stream"));
            assertEquals("v1", stream.header("x-vercel-ai-ui-message-stream"));
            assertTrue(stream.body().contains("Good day"), stream.body());
            assertTrue(stream.body().strip().endsWith("data: [DONE]"));
        }
        assertEquals(
                "1",
                stage.sql(
                        "select count(*) from run r join chat c on c.id = r.stream_id where c.alias = 'page-1'"));
        // Afterwards too: the answer is replayed.
        assertTrue(post(visitor, body("page-1", "m1", "Hello")).body().contains("Good day"));

        // The page sends its history along; its answers have parts that nobody reads.
        var next =
                posting(
                        visitor,
                        """
                        {"id":"page-1","trigger":"submit-message","messageId":null,"messages":[
                          {"id":"m1","role":"user","parts":[{"type":"text","text":"Hello"}]},
                          {"id":"x","role":"assistant","parts":[{"type":"data-any","data":{"a":[1]}},{"type":"step-start"}]},
                          {"id":"m2","role":"user","metadata":{"a":1},"parts":[{"type":"text","text":"More"}]}]}
                        """);
        run = worker.claimed();
        assertEquals(3, run.history().size());
        worker.answer(run, "Much more");
        assertTrue(next.get(20, TimeUnit.SECONDS).body().contains("Much more"));
        assertTrue(!next.join().body().contains("Good day"));
    }

    @Test
    void anAnswerInFlightIsResumedFromItsBeginning() throws Exception {
        assertEquals(204, visitor.get("/api/v1/chat/page-2/stream").status());
        var asked = posting(visitor, body("page-2", "m1", "Hello"));
        ClaimedRun run = worker.claimed();
        Stage.ok(
                200,
                worker.frames(
                        run,
                        1,
                        Frames.start(run),
                        Frames.STEP,
                        Frames.textStart("a1t1"),
                        Frames.delta("a1t1", "Half, ")));
        var resumed =
                CompletableFuture.supplyAsync(() -> visitor.get("/api/v1/chat/page-2/stream"));
        // Neither another message nor a repetition fits in while it is being answered.
        Stage.ok(409, post(visitor, body("page-2", "m2", "Hello?")));
        Stage.ok(409, post(visitor, "{\"id\":\"page-2\",\"trigger\":\"regenerate-message\"}"));
        Stage.ok(
                200,
                worker.complete(
                        run,
                        2,
                        Frames.delta("a1t1", "and half"),
                        Frames.textEnd("a1t1"),
                        Frames.STEP_END,
                        Frames.FINISH));
        for (var answer : java.util.List.of(asked, resumed)) {
            String body = answer.get(20, TimeUnit.SECONDS).body();
            assertTrue(body.contains("Half, ") && body.contains("and half"), body);
        }
        assertEquals(204, visitor.get("/api/v1/chat/page-2/stream").status());

        var again =
                posting(
                        visitor,
                        "{\"id\":\"page-2\",\"trigger\":\"regenerate-message\",\"messages\":[]}");
        worker.answer(worker.claimed(), "Anew");
        String body = again.get(20, TimeUnit.SECONDS).body();
        assertTrue(body.contains("Anew") && !body.contains("Half"), body);
    }

    @Test
    void aNameIsTheSessionsAloneAndNeverAChatsId() throws Exception {
        var mine = posting(visitor, body("same", "m1", "Mine"));
        worker.answer(worker.claimed(), "For you");
        mine.get(20, TimeUnit.SECONDS);
        Stage.VisitorRole other = stage.visitor();
        assertEquals(204, other.get("/api/v1/chat/same/stream").status());
        var theirs = posting(other, body("same", "m1", "Theirs"));
        ClaimedRun run = worker.claimed();
        assertEquals(1, run.history().size());
        worker.answer(run, "For them");
        assertTrue(!theirs.get(20, TimeUnit.SECONDS).body().contains("For you"));
        UUID chat =
                UUID.fromString(
                        stage.sql(
                                "select id from chat where alias = 'same' and session_id = '%s'"
                                        .formatted(visitor.session())));
        assertEquals(204, visitor.get("/api/v1/chat/" + chat + "/stream").status());
        Stage.ok(404, post(other, "{\"id\":\"" + chat + "\",\"trigger\":\"regenerate-message\"}"));
    }

    @Test
    void whatIsNoMessageIsRefusedAndOpensNoChat() {
        String before = stage.sql("select count(*) from chat");
        for (String bad :
                new String[] {
                    "{}",
                    "{\"id\":\"x\"}",
                    "{\"id\":\"x\",\"messages\":[]}",
                    "{\"id\":\"a b\",\"messages\":[]}",
                    "{\"id\":\"" + "x".repeat(101) + "\"}",
                    "{\"id\":\"x\",\"trigger\":\"dance\",\"messages\":[]}",
                    "{\"id\":\"x\",\"messages\":[{\"id\":\"m\",\"role\":\"assistant\",\"parts\":[]}]}",
                    "{\"id\":\"x\",\"messages\":[{\"id\":\"m\",\"role\":\"user\",\"parts\":[{\"type\":\"file\",\"url\":\"data:x\"}]}]}"
                }) {
            assertEquals(400, post(visitor, bad).status(), bad);
        }
        Stage.ok(404, post(visitor, "{\"id\":\"none\",\"trigger\":\"regenerate-message\"}"));
        assertEquals(before, stage.sql("select count(*) from chat"));
    }

    @Test
    void aSessionHasAHundredChats() {
        Stage.VisitorRole busy = stage.visitor();
        stage.sql(
                """
                with s as (insert into stream (workspace_id, kind)
                           select '%s', 'chat' from generate_series(1, 99) returning id)
                insert into chat (id, workspace_id, session_id) select id, '%s', '%s' from s
                """
                        .formatted(stage.workspace(), stage.workspace(), busy.session()));
        Stage.ok(201, busy.post("/api/v1/chats", "{}"));
        Stage.ok(409, busy.post("/api/v1/chats", "{}"));
        Stage.ok(409, post(busy, body("one-more", "m1", "Hello")));
    }

    private static String body(String alias, String id, String text) {
        return "{\"id\":\"%s\",\"trigger\":\"submit-message\",\"messages\":[{\"id\":\"%s\",\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}]}]}"
                .formatted(alias, id, text);
    }

    private static Answer post(Stage.VisitorRole who, String body) {
        return who.post("/api/v1/chat", body);
    }

    private static CompletableFuture<Answer> posting(Stage.VisitorRole who, String body) {
        return CompletableFuture.supplyAsync(() -> post(who, body));
    }
}
