package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Messages that are posted at once share transactions, and none feels the others.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class PostsTest extends DatabaseTest {

    private static final int CHATS = 30;
    private static final int TIMES = 4;

    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "posts");
    }

    @Test
    void theSameMessageManyTimesAtOnceIsOneTurn() throws Exception {
        var visitor = stage.visitor();
        var stranger = stage.visitor();
        UUID theirs = stranger.chat();
        List<UUID> chats = new ArrayList<>();
        for (int i = 0; i < CHATS; i++) {
            chats.add(visitor.chat());
        }
        List<Future<Answer>> posts = new ArrayList<>();
        List<Future<Answer>> refused = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int time = 0; time < TIMES; time++) {
                for (UUID chat : chats) {
                    posts.add(threads.submit(() -> visitor.say(chat, "m1", "Hello 🌱")));
                }
                refused.add(threads.submit(() -> visitor.say(theirs, "m1", "Hello")));
            }
        }
        Set<String> answers = new HashSet<>();
        int first = 0;
        for (Future<Answer> post : posts) {
            Accepted accepted = Stage.ok(202, answer(post)).as(Accepted.class);
            answers.add(accepted.answerId());
            first += accepted.duplicate() ? 0 : 1;
            assertEquals("1", accepted.cursor().split(":")[1]);
            assertEquals("ready", accepted.run().state());
        }
        assertEquals(CHATS, first);
        assertEquals(CHATS, answers.size());
        for (Future<Answer> post : refused) {
            Stage.ok(404, answer(post));
        }
        for (String table : List.of("run", "event", "message")) {
            assertEquals(
                    Integer.toString(CHATS),
                    stage.sql(
                            "select count(*) from %s where workspace_id = '%s'"
                                    .formatted(table, stage.workspace())),
                    table);
        }
        assertEquals(
                "1 2",
                stage.sql(
                        "select min(s.last_seq) || ' ' || max(m.ordinal) from stream s join message m on m.chat_id = s.id where m.workspace_id = '%s'"
                                .formatted(stage.workspace())));
        assertEquals(
                Integer.toString(CHATS),
                stage.sql("select count(*) from chat where title = 'Hello 🌱'"));
    }

    @Test
    void aTurnInheritsWhatItsSiteNeeds() {
        stage.sql(
                "update workspace set needs = '{model:big}', priority = 7 where id = '"
                        + stage.workspace()
                        + "'");
        try {
            var visitor = stage.visitor();
            UUID chat = visitor.chat();
            visitor.said(chat, "m1", "Hello");
            assertEquals(
                    "{model:big} 7",
                    stage.sql(
                            "select needs::text || ' ' || priority from run where stream_id = '"
                                    + chat
                                    + "'"));
        } finally {
            stage.sql(
                    "update workspace set needs = '{}', priority = 100 where id = '"
                            + stage.workspace()
                            + "'");
        }
    }

    @Test
    void aChatFillsUpAtOnceLikeOneAfterTheOther() throws Exception {
        var visitor = stage.visitor();
        UUID chat = visitor.chat();
        List<Future<Answer>> posts = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                String id = "m" + i;
                posts.add(threads.submit(() -> visitor.say(chat, id, "Hello")));
            }
        }
        int accepted = 0;
        for (Future<Answer> post : posts) {
            accepted += answer(post).status() == 202 ? 1 : 0;
        }
        assertEquals(4, accepted);
        assertEquals(
                "1 3 4",
                stage.sql(
                        "select count(*) filter (where state = 'ready') || ' ' || count(*) filter (where state = 'waiting') || ' ' || max(ordinal) from run where stream_id = '%s'"
                                .formatted(chat)));
    }

    private static Answer answer(Future<Answer> post)
            throws InterruptedException, ExecutionException {
        return post.get();
    }
}
