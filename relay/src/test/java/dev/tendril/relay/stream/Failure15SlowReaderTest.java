package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Failure 15: a browser stops reading, is cut off, and gets the rest when it comes back.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class Failure15SlowReaderTest extends DatabaseTest {

    private static final int BATCHES = 40;
    private static final int DELTAS = 256;

    private Readers readers;
    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens, Readers readers) {
        this.readers = readers;
        stage = new Stage(server, tokens, dataSource(), "slow");
    }

    @Test
    void aBatchOfManyFramesCutsNobody() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        UUID chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Much at once");
        var run = worker.claimed();
        String[] batch = new String[2_000];
        Arrays.fill(batch, Frames.delta("a1t1", "x".repeat(200)));
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.textStart("a1t1")));
            assertTrue(stream.nextFrame().is("start"));
            Stage.ok(200, worker.frames(run, 2, batch));
            Stage.ok(200, worker.frames(run, 3, batch));
            Stage.ok(200, worker.complete(run, 4, Frames.FINISH));
            assertEquals(4_002 + 1, stream.frames().size());
            assertTrue(stream.ended());
        }
    }

    @Test
    void aReaderThatTakesNothingIsCutOffAndComesBack() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        UUID chat = visitor.chat();
        var accepted = visitor.said(chat, "m1", "Much");
        var run = worker.claimed();
        String[] batch = new String[DELTAS];
        Arrays.fill(batch, Frames.delta("a1t1", "x".repeat(1_500)));
        List<RawStream.Event> seen;
        try (var stream = visitor.stream(chat, accepted.cursor())) {
            Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.textStart("a1t1")));
            assertTrue(stream.nextFrame().is("start"));
            for (int i = 0; i < BATCHES; i++) {
                Stage.ok(200, worker.frames(run, i + 2, batch));
            }
            Stage.await("it is cut off", Duration.ofSeconds(10), () -> readers.count() == 0);
            seen = stream.frames();
            assertFalse(stream.ended(), "the connection was cut");
        }
        Stage.ok(200, worker.complete(run, BATCHES + 2, Frames.FINISH));
        long last = seen.getLast().seq();
        System.out.println("cut at seq " + last + " of " + (BATCHES * DELTAS + 4));
        assertTrue(last < BATCHES * DELTAS + 3, "cut at " + last);
        try (var stream = visitor.stream(chat, seen.getLast().id())) {
            List<RawStream.Event> rest = stream.frames();
            assertEquals(last + 1, rest.getFirst().seq());
            assertEquals(BATCHES * DELTAS + 4, rest.get(rest.size() - 2).seq());
            assertTrue(rest.getLast().done());
        }
    }
}
