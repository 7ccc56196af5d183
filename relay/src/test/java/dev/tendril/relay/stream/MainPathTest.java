package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Part;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class MainPathTest extends DatabaseTest {

    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "main");
    }

    @Test
    void aMessageIsAnsweredWordByWord() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        var chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Hello?");

        try (var stream = visitor.stream(chat, accepted.cursor())) {
            assertEquals(200, stream.status());
            assertEquals("text/event-stream", stream.header("content-type"));
            assertEquals("no-cache, no-transform", stream.header("cache-control"));
            assertEquals("no", stream.header("x-accel-buffering"));
            assertEquals("v1", stream.header("x-vercel-ai-ui-message-stream"));
            assertEquals("retry: 3000", stream.next().comment());
            var status = stream.next();
            assertTrue(status.is("data-relay-status"), status.data());
            assertNull(status.id());

            var run = worker.claimed();
            assertEquals(accepted.answerId(), run.answerId());
            assertEquals("m1", run.messageId());
            assertEquals("m1", run.history().getLast().id());
            String[] words = {"One", " two", " three"};
            Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.textStart("a1t1")));
            assertTrue(stream.nextFrame().is("start"));
            assertTrue(stream.nextFrame().is("text-start"));
            for (int i = 0; i < words.length; i++) {
                long sent = System.nanoTime();
                Stage.ok(200, worker.frames(run, i + 2, Frames.delta("a1t1", words[i])));
                var frame = stream.nextFrame();
                assertTrue(frame.data().contains(words[i]), frame.data());
                System.out.println("delta after ms " + (frame.nanos() - sent) / 1e6);
            }
            Stage.ok(200, worker.complete(run, 5, Frames.textEnd("a1t1"), Frames.FINISH));
            assertTrue(stream.nextFrame().is("text-end"));
            var finish = stream.nextFrame();
            assertTrue(finish.is("finish"), finish.data());
            assertEquals(8, finish.seq());
            assertTrue(stream.nextFrame().done());
            assertNull(stream.next());
            assertTrue(stream.ended());
        }

        var history = visitor.messages(chat);
        assertEquals(
                List.of("m1", accepted.answerId()), history.stream().map(m -> m.id()).toList());
        assertEquals(List.of(new Part.Text("One two three")), history.getLast().parts());
        assertEquals("stub", history.getLast().metadata().model());
        assertEquals("stop", history.getLast().metadata().reason());
        try (var idle = visitor.stream(chat, null)) {
            assertEquals(204, idle.status());
        }
    }
}
