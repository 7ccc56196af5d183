package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Marks;
import dev.tendril.contract.chat.Part;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a visitor may do with what was said: judge, pin, word anew, ask again, take along, delete.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class MarksTest extends DatabaseTest {

    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.VisitorRole other;
    private Stage.WorkerRole worker;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "marks");
        visitor = stage.visitor();
        other = stage.visitor();
        worker = stage.worker();
    }

    @Test
    void feedbackIsKeptOncePerAnswerAndCanBeTakenBack() {
        UUID chat = answered("m1", "Question", "Words");
        String answer = visitor.messages(chat).get(1).id();
        Stage.ok(204, feedback(visitor, chat, answer, "\"up\"", "null"));
        Stage.ok(204, feedback(visitor, chat, answer, "\"down\"", "\"Not quite\""));
        Marks marks = marks(chat);
        assertEquals(1, marks.feedback().size());
        assertEquals("down", marks.feedback().getFirst().verdict());
        assertEquals("Not quite", marks.feedback().getFirst().words());
        Stage.ok(204, feedback(visitor, chat, answer, "null", "null"));
        assertEquals(List.of(), marks(chat).feedback());

        Stage.ok(400, feedback(visitor, chat, answer, "\"maybe\"", "null"));
        Stage.ok(413, feedback(visitor, chat, answer, "\"up\"", "\"" + "x".repeat(2_001) + "\""));
        Stage.ok(422, feedback(visitor, chat, answer, "\"up\"", "\"\\u0000\""));
        // A question, an unknown message and somebody else's chat.
        Stage.ok(404, feedback(visitor, chat, "m1", "\"up\"", "null"));
        Stage.ok(404, feedback(visitor, chat, "nothing", "\"up\"", "null"));
        Stage.ok(404, feedback(other, chat, answer, "\"up\"", "null"));
        Stage.ok(404, other.get(path(chat, "marks")));
    }

    @Test
    void oneMessageIsPinned() {
        UUID chat = answered("m1", "Question", "Words");
        Stage.ok(204, visitor.post(path(chat, "pin"), "{\"messageId\":\"m1\"}"));
        assertEquals("m1", marks(chat).pinned());
        Stage.ok(404, visitor.post(path(chat, "pin"), "{\"messageId\":\"m9\"}"));
        Stage.ok(404, other.post(path(chat, "pin"), "{\"messageId\":\"m1\"}"));
        Stage.ok(204, visitor.post(path(chat, "pin"), "{\"messageId\":null}"));
        assertEquals(null, marks(chat).pinned());
    }

    @Test
    void anAnswerIsAskedForOnceMoreAndTheModelDoesNotSeeTheFirst() {
        UUID chat = visitor.chat();
        Stage.ok(409, visitor.post(path(chat, "regenerate"), "{}"));
        var first = visitor.said(chat, "m1", "Question");
        Stage.ok(409, visitor.post(path(chat, "regenerate"), "{}"));
        worker.answer(worker.claimed(), "First");
        Stage.ok(404, other.post(path(chat, "regenerate"), "{}"));

        var again = Stage.ok(202, visitor.post(path(chat, "regenerate"), "{}")).as(Accepted.class);

        assertEquals("m1", again.messageId());
        assertFalse(again.answerId().equals(first.answerId()));
        var run = worker.claimed();
        assertEquals(List.of("m1"), run.history().stream().map(ChatMessage::id).toList());
        worker.answer(run, "Second");
        assertEquals(List.of("Question", "First", "Second"), words(chat));
        // Whoever reads from the returned cursor sees the new answer alone.
        try (var stream = visitor.stream(chat, again.cursor())) {
            assertTrue(stream.frames().stream().noneMatch(frame -> frame.data().contains("First")));
        }
        visitor.said(chat, "m2", "Next");
        var next = worker.claimed();
        assertEquals(
                List.of("Question", "Second", "Next"),
                next.history().stream().map(MarksTest::text).toList());
        worker.answer(next, "Done");
    }

    @Test
    void theLastQuestionIsWordedAnewAndTheOldOneLeavesTheHistory() {
        UUID chat = answered("m1", "First", "One");
        visitor.said(chat, "m2", "Secnod");
        Stage.ok(409, reworded(chat, "m3", "Second", "m2"));
        worker.answer(worker.claimed(), "Two");
        Stage.ok(409, reworded(chat, "m3", "Second", "m1"));
        Stage.ok(409, reworded(chat, "m3", "Second", "m9"));

        Stage.ok(202, reworded(chat, "m3", "Second", "m2"));
        var twice = Stage.ok(202, reworded(chat, "m3", "Second", "m2")).as(Accepted.class);

        assertTrue(twice.duplicate());
        // Other tabs are told what the new wording replaces.
        assertTrue(
                stage.sql(
                                "select frames from event where stream_id = '%s' and kind = 'message' order by last_seq desc limit 1"
                                        .formatted(chat))
                        .contains("\"replaces\":\"m2\""));
        var run = worker.claimed();
        assertEquals(
                List.of("First", "One", "Second"),
                run.history().stream().map(MarksTest::text).toList());
        worker.answer(run, "Better");
        assertEquals(List.of("First", "One", "Second", "Better"), words(chat));
    }

    @Test
    void aTranscriptHoldsWhatWasSaidAndNothingThatRuns() {
        UUID chat = answered("m1", "<script>alert(1)</script> & more", "**Bold** <b>words</b>");
        Answer markdown = Stage.ok(200, visitor.get(path(chat, "transcript")));
        assertTrue(markdown.body().contains("**Bold** <b>words</b>"), markdown.body());
        assertTrue(markdown.header("Content-Disposition").startsWith("attachment"));
        Answer html = Stage.ok(200, visitor.get(path(chat, "transcript?format=html")));
        assertTrue(html.body().contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"));
        assertFalse(html.body().contains("<script>"));
        assertTrue(html.header("Content-Security-Policy").startsWith("sandbox;"));
        Answer json = Stage.ok(200, visitor.get(path(chat, "transcript?format=json")));
        assertEquals(2, ((List<?>) json.object().get("messages")).size());
        Stage.ok(400, visitor.get(path(chat, "transcript?format=pdf")));
        Stage.ok(404, other.get(path(chat, "transcript")));
    }

    @Test
    void aDeletedChatLeavesNothingBehind() {
        UUID chat = answered("m1", "Question", "Words");
        Stage.ok(
                204, feedback(visitor, chat, visitor.messages(chat).get(1).id(), "\"up\"", "null"));
        visitor.said(chat, "m2", "In flight");
        var run = worker.claimed();
        Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.STEP));
        Stage.ok(404, other.delete("/api/v1/chats/" + chat));

        Stage.ok(204, visitor.delete("/api/v1/chats/" + chat));

        Stage.ok(404, visitor.delete("/api/v1/chats/" + chat));
        Stage.ok(404, visitor.get("/api/v1/chats/" + chat));
        // What the worker still writes finds nothing: its lease is gone with the run.
        assertEquals(
                "lease_lost",
                Stage.ok(409, worker.complete(run, 2, Frames.STEP_END, Frames.FINISH)).code());
        for (String table :
                List.of(
                        "stream where id",
                        "chat where id",
                        "message where chat_id",
                        "event where stream_id",
                        "run where stream_id",
                        "feedback where chat_id")) {
            assertEquals(
                    "0", stage.sql("select count(*) from %s = '%s'".formatted(table, chat)), table);
        }
    }

    private UUID answered(String id, String question, String answer) {
        UUID chat = visitor.chat();
        visitor.said(chat, id, question);
        worker.answer(worker.claimed(), answer);
        return chat;
    }

    private Answer feedback(
            Stage.VisitorRole who, UUID chat, String answer, String verdict, String words) {
        return who.post(
                path(chat, "feedback"),
                "{\"messageId\":\"%s\",\"verdict\":%s,\"words\":%s}"
                        .formatted(answer, verdict, words));
    }

    private Answer reworded(UUID chat, String id, String text, String replaces) {
        return visitor.post(
                path(chat, "messages"),
                "{\"id\":\"%s\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}],\"replaces\":\"%s\"}"
                        .formatted(id, text, replaces));
    }

    private Marks marks(UUID chat) {
        return Stage.ok(200, visitor.get(path(chat, "marks"))).as(Marks.class);
    }

    private List<String> words(UUID chat) {
        return visitor.messages(chat).stream().map(MarksTest::text).toList();
    }

    private static String text(ChatMessage message) {
        return message.parts().stream()
                .map(part -> part instanceof Part.Text(String words) ? words : "")
                .reduce("", String::concat);
    }

    private static String path(UUID chat, String what) {
        return "/api/v1/chats/" + chat + "/" + what;
    }
}
