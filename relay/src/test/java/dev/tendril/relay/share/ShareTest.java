package dev.tendril.relay.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.share.Share;
import dev.tendril.contract.share.ShareList;
import dev.tendril.contract.share.SharedChat;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import dev.tendril.service.http.Calls.Answer;
import dev.tendril.service.share.ListedShare;
import dev.tendril.service.share.Shares;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A link shows a chat as it was, to whoever has it, until it ends.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class ShareTest extends DatabaseTest {

    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.VisitorRole other;
    private Stage.WorkerRole worker;
    private Calls anybody;
    private Shares shares;
    private int caller;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens, Shares shares) {
        stage = new Stage(server, tokens, dataSource(), "share");
        visitor = stage.visitor();
        other = stage.visitor();
        worker = stage.worker();
        anybody = new Calls(server.getURI());
        this.shares = shares;
    }

    @Test
    void aLinkShowsTheChatAsItWasWhateverIsSaidLater() {
        UUID chat = answered("m1", "First", "One");
        visitor.said(chat, "m2", "Still open");
        Share early = shared(chat, "{}");
        worker.answer(worker.claimed(), "Two");
        Share late = shared(chat, "{}");
        String frozen = stage.sql("select last_seq from stream where id = '%s'".formatted(chat));
        // Said, answered again and worded anew afterwards.
        visitor.said(chat, "m3", "Third");
        worker.answer(worker.claimed(), "Three");
        Stage.ok(202, visitor.post("/api/v1/chats/" + chat + "/regenerate", "{}"));
        worker.answer(worker.claimed(), "Three again");
        Stage.ok(
                202,
                visitor.post(
                        "/api/v1/chats/" + chat + "/messages",
                        "{\"id\":\"m4\",\"parts\":[{\"type\":\"text\",\"text\":\"Other\"}],\"replaces\":\"m3\"}"));
        worker.answer(worker.claimed(), "Four");
        Share last = shared(chat, "{}");

        assertEquals(List.of("First", "One", "Still open"), words(read(token(early))));
        assertEquals(List.of("First", "One", "Still open", "Two"), words(read(token(late))));
        assertEquals(
                List.of("First", "One", "Still open", "Two", "Other", "Four"),
                words(read(token(last))));
        assertEquals(
                frozen,
                stage.sql("select seq from share_link where id = '%s'".formatted(late.id())));

        // What was shared before it was worded anew stays as it was.
        Share second = shared(chat, "{}");
        Stage.ok(
                202,
                visitor.post(
                        "/api/v1/chats/" + chat + "/messages",
                        "{\"id\":\"m5\",\"parts\":[{\"type\":\"text\",\"text\":\"Anew\"}],\"replaces\":\"m4\"}"));
        worker.answer(worker.claimed(), "Five");
        assertEquals(
                List.of("First", "One", "Still open", "Two", "Other", "Four"),
                words(read(token(second))));
    }

    @Test
    void onlyWordsAndSourcesAreShown() {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Question");
        var run = worker.claimed();
        Stage.ok(
                200,
                worker.frames(
                        run,
                        1,
                        Frames.start(run),
                        Frames.STEP,
                        "{\"type\":\"reasoning-start\",\"id\":\"a1r1\"}",
                        "{\"type\":\"reasoning-delta\",\"id\":\"a1r1\",\"delta\":\"Secret thought\"}",
                        "{\"type\":\"reasoning-end\",\"id\":\"a1r1\"}",
                        "{\"type\":\"source-url\",\"sourceId\":\"s1\",\"url\":\"https://site.example/a\"}",
                        "{\"type\":\"file\",\"url\":\"/files/1\",\"mediaType\":\"image/png\"}",
                        Frames.textStart("a1t1"),
                        Frames.delta("a1t1", "Words")));
        Stage.ok(
                200,
                worker.complete(run, 2, Frames.textEnd("a1t1"), Frames.STEP_END, Frames.FINISH));
        assertEquals(List.of("SourceUrl", "Text"), kinds(read(token(shared(chat, "{}"))), 1));
        assertEquals(
                List.of("SourceUrl", "File", "Text"),
                kinds(read(token(shared(chat, "{\"attachments\":true}"))), 1));
        Answer answer = open(token(shared(chat, "{}")));
        assertFalse(answer.body().contains("Secret thought"));
        assertFalse(answer.body().contains("usage"), answer.body());
        assertEquals("private, no-store", answer.header("Cache-Control"));
        assertTrue(answer.header("X-Robots-Tag").contains("noindex"));
    }

    @Test
    void everyTokenThatOpensNothingGetsTheSameAnswer() {
        UUID chat = answered("m1", "Question", "Words");
        String revoked = token(shared(chat, "{}"));
        UUID id = list().getFirst().id();
        Stage.ok(404, other.delete("/api/v1/shares/" + id));
        Stage.ok(204, visitor.delete("/api/v1/shares/" + id));
        Stage.ok(404, visitor.delete("/api/v1/shares/" + id));
        Share ended = shared(chat, "{\"days\":1}");
        stage.sql(
                "update share_link set expires_at = now() - interval '1 s' where id = '%s'"
                        .formatted(ended.id()));
        UUID gone = answered("m1", "Question", "Words");
        String deleted = token(shared(gone, "{}"));
        Stage.ok(204, visitor.delete("/api/v1/chats/" + gone));
        assertEquals(
                "0",
                stage.sql("select count(*) from share_link where chat_id = '%s'".formatted(gone)));

        String unknown = shape(open("AAAAAAAAAAAAAAAAAAAAAA"));
        assertTrue(unknown.startsWith("404"), unknown);
        for (String token : List.of(revoked, token(ended), deleted, "", "short", "x".repeat(200))) {
            assertEquals(unknown, shape(open(token)), token);
        }
        assertEquals(unknown, shape(anybody("{}")));
        // The page says nothing at all: it is the same for a link that opens.
        String page = page("/s/" + token(shared(chat, "{}"))).body();
        assertEquals(page, page("/s/" + revoked).body());
        assertEquals(page, page("/s/AAAAAAAAAAAAAAAAAAAAAA").body());
    }

    @Test
    void thePageIsKeptAndListedByNobody() {
        Answer page = page("/s/AAAAAAAAAAAAAAAAAAAAAA");

        assertEquals(200, page.status());
        assertEquals("private, no-store", page.header("Cache-Control"));
        assertEquals("", page.header("ETag"));
        assertTrue(page.header("X-Robots-Tag").startsWith("noindex"));
        assertTrue(page.header("Content-Security-Policy").endsWith("frame-ancestors 'none'"));
        assertFalse(page.header("Content-Security-Policy").contains("unsafe"));
        assertEquals("no-referrer", page.header("Referrer-Policy"));
        assertEquals(404, page("/s/a.b").status());
        assertEquals(404, page("/s/" + "a".repeat(65)).status());
    }

    @Test
    void aTokenHas128BitsAndIsNotStored() {
        UUID chat = answered("m1", "Question", "Words");
        String first = token(shared(chat, "{}"));
        String second = token(shared(chat, "{}"));
        assertEquals(22, first.length());
        assertNotEquals(first, second);
        assertEquals(
                "0",
                stage.sql(
                        "select count(*) from share_link s where s::text like '%%%s%%' or encode(token_hash, 'escape') like '%%%s%%'"
                                .formatted(first, first)));
        assertNull(list().getFirst().path());
        Share share = shared(chat, "{}");
        assertEquals(30, Duration.between(share.createdAt(), share.expiresAt()).toDays());
    }

    @Test
    void whatCannotBeSharedIsRefused() {
        UUID chat = visitor.chat();
        Stage.ok(409, share(visitor, chat, "{}"));
        visitor.said(chat, "m1", "Question");
        Stage.ok(404, share(other, chat, "{}"));
        Stage.ok(400, share(visitor, chat, "{\"days\":31}"));
        Stage.ok(400, share(visitor, chat, "{\"days\":0}"));
        Stage.ok(404, visitor.post("/api/v1/chats/x/share", "{}"));
        Stage.ok(401, anybody.post("/api/v1/chats/" + chat + "/share", "{}"));
        worker.answer(worker.claimed(), "Words");

        Stage.VisitorRole busy = stage.visitor();
        UUID own = busy.chat();
        busy.said(own, "m1", "Question");
        for (int made = 0; made < 20; made++) {
            Stage.ok(201, share(busy, own, "{}"));
        }
        Stage.ok(409, share(busy, own, "{}"));
        // Taking one back makes room, but not for ever more.
        stage.sql("update share_link set revoked_at = now() where chat_id = '%s'".formatted(own));
        for (int made = 0; made < 20; made++) {
            Stage.ok(201, share(busy, own, "{}"));
        }
        stage.sql("update share_link set revoked_at = now() where chat_id = '%s'".formatted(own));
        Stage.ok(409, share(busy, own, "{}"));
        worker.answer(worker.claimed(), "Words");
    }

    @Test
    void theOperatorSeesAndEndsAnyLink() {
        UUID chat = answered("m1", "Question", "Words");
        Share share = shared(chat, "{}");
        ListedShare listed =
                shares.all(stage.workspace(), 100).stream()
                        .filter(one -> one.id().equals(share.id()))
                        .findFirst()
                        .orElseThrow();
        assertNull(listed.revokedAt());
        assertFalse(shares.revoke(UUID.randomUUID(), share.id()));
        assertTrue(shares.revoke(stage.workspace(), share.id()));
        assertFalse(shares.revoke(stage.workspace(), share.id()));
        assertEquals(404, open(token(share)).status());
        assertEquals(
                "2",
                stage.sql(
                        "select count(*) from audit_entry where subject = '%s'"
                                .formatted(share.id())));
    }

    @Test
    void withoutAMailServerNothingIsSentAndNothingIsOffered() {
        UUID chat = answered("m1", "Question", "Words");
        assertTrue(anybody.get("/api/v1/sites/share").body().contains("\"mail\":false"));
        Stage.ok(
                404,
                visitor.post(
                        "/api/v1/chats/" + chat + "/email",
                        "{\"address\":\"ada@reader.example\"}"));
        assertEquals("0", stage.sql("select count(*) from mail"));
    }

    @Test
    void whoeverGuessesIsSlowedDown() {
        String mine = token(shared(answered("m1", "Question", "Words"), "{}"));
        String network = "203.0.113.77";
        for (int guess = 0; guess < 20; guess++) {
            assertEquals(404, open("AAAAAAAAAAAAAAAAAAAA" + (10 + guess), network).status());
        }
        assertEquals(429, open("AAAAAAAAAAAAAAAAAAAAAA", network).status());
        // Also for a link that opens: nothing is told.
        Answer refused = open(mine, network);
        assertEquals(429, refused.status());
        assertTrue(Integer.parseInt(refused.header("Retry-After")) > 0);
        assertEquals(200, open(mine).status());
    }

    private UUID answered(String id, String question, String answer) {
        UUID chat = visitor.chat();
        visitor.said(chat, id, question);
        worker.answer(worker.claimed(), answer);
        return chat;
    }

    private static Answer share(Stage.VisitorRole who, UUID chat, String body) {
        return who.post("/api/v1/chats/" + chat + "/share", body);
    }

    /// Of a visitor who has not made too many yet.
    private Share shared(UUID chat, String body) {
        stage.sql(
                "update share_link set created_at = now() - interval '2 days' where session_id = '%s'"
                        .formatted(visitor.session()));
        return Stage.ok(201, share(visitor, chat, body)).as(Share.class);
    }

    private List<Share> list() {
        return Stage.ok(200, visitor.get("/api/v1/shares")).as(ShareList.class).shares();
    }

    private static String token(Share share) {
        String path = String.valueOf(share.path());
        assertTrue(path.startsWith("/s/"), path);
        return path.substring(3);
    }

    /// From a network of its own each time, so that no limit is in the way.
    private Answer open(String token) {
        return open(token, "198.51.100." + (caller++ % 250));
    }

    private Answer open(String token, String network) {
        return anybody.post(
                "/api/v1/shared", "{\"token\":\"" + token + "\"}", "X-Forwarded-For", network);
    }

    private Answer anybody(String body) {
        return anybody.post("/api/v1/shared", body);
    }

    private Answer page(String path) {
        return anybody.get(path);
    }

    private SharedChat read(String token) {
        return Stage.ok(200, open(token)).as(SharedChat.class);
    }

    /// Everything that a caller could tell two refusals by.
    private static String shape(Answer answer) {
        return answer.status()
                + " "
                + answer.body().replaceAll("\"requestId\":\"[^\"]*\"", "")
                + " "
                + answer.response().headers().map().keySet().stream().sorted().toList();
    }

    private static List<String> words(SharedChat chat) {
        return chat.messages().stream()
                .map(message ->
                        message.parts().stream()
                                .map(part -> part instanceof Part.Text(String text) ? text : "")
                                .reduce("", String::concat))
                .toList();
    }

    private static List<String> kinds(SharedChat chat, int at) {
        ChatMessage message = chat.messages().get(at);
        return message.parts().stream().map(part -> part.getClass().getSimpleName()).toList();
    }
}
