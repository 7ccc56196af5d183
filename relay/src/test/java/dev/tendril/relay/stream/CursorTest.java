package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class CursorTest extends DatabaseTest {

    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.WorkerRole worker;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "cursors");
        visitor = stage.visitor();
        worker = stage.worker();
    }

    @Test
    void anEmptyChatHasNothingToFollowButWaits() {
        UUID chat = visitor.chat();
        try (var none = visitor.stream(chat, null);
                var waiting = visitor.stream(chat, "0")) {
            assertEquals(204, none.status());
            assertEquals(200, waiting.status());
            visitor.said(chat, "m1", "Hi");
            var message = waiting.nextFrame();
            assertTrue(message.is("data-relay-message"), message.data());
            assertEquals(1, message.seq());
        }
        visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
    }

    @Test
    void zeroIsTheBeginning() {
        UUID chat = answered("One");
        try (var stream = visitor.stream(chat, "0")) {
            List<RawStream.Event> frames = stream.frames();
            assertEquals(1, frames.getFirst().seq());
            assertTrue(frames.getFirst().is("data-relay-message"));
            assertTrue(frames.getLast().done());
            assertEquals(8, frames.size() - 1, frames.toString());
        }
    }

    @Test
    void theQueryWinsOverTheHeader() {
        UUID chat = answered("One");
        String epoch = visitor.chat(chat).cursor().split(":")[0];
        try (var both = open(chat, "?after=" + epoch + ":6", "Last-Event-ID: " + epoch + ":2\r\n");
                var header = open(chat, "", "Last-Event-ID: " + epoch + ":2\r\n")) {
            assertEquals(7, both.nextFrame().seq());
            assertEquals(3, header.nextFrame().seq());
        }
    }

    @Test
    void aCursorAtTheEndWaits() {
        UUID chat = answered("One");
        try (var stream = visitor.stream(chat, visitor.chat(chat).cursor())) {
            assertEquals(200, stream.status());
            assertEquals("retry: 3000", stream.next().comment());
            assertTrue(stream.silentFor(1_500));
        }
    }

    @Test
    void idleStreamsArePingedAndHoldNeitherThreadNorConnection() {
        int threads = Thread.activeCount();
        UUID chat = answered("One");
        String cursor = visitor.chat(chat).cursor();
        List<RawStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                streams.add(visitor.stream(chat, cursor));
            }
            for (int i = 0; i < 50; i++) {
                streams.add(visitor.stream(visitor.chat(), "0"));
            }
            assertEquals(200, visitor.get("/api/v1/chats").status(), "a pool of 4 is free");
            assertTrue(Thread.activeCount() - threads < 20, Thread.activeCount() + " threads");
            long opened = System.nanoTime();
            for (RawStream stream : streams) {
                assertEquals("retry: 3000", stream.next().comment());
                assertEquals(": ping", stream.next().comment());
            }
            long seconds = (System.nanoTime() - opened) / 1_000_000_000;
            assertTrue(seconds < 15, seconds + " s");
        } finally {
            streams.forEach(RawStream::close);
        }
    }

    @Test
    void aStreamIsNeverCompressedThoughTextsAre() {
        UUID chat = answered("x".repeat(2_000));
        String accept = "Accept-Encoding: gzip, deflate, br, zstd\r\n";
        try (var stream = open(chat, "?after=0", accept)) {
            assertEquals("", stream.header("content-encoding"));
            assertTrue(stream.nextFrame().is("data-relay-message"));
        }
        try (var history =
                        RawStream.open(
                                stage.uri(),
                                "/api/v1/chats/" + chat + "/messages",
                                visitor.token(),
                                accept);
                var one =
                        RawStream.open(
                                stage.uri(), "/api/v1/chats/" + chat, visitor.token(), accept)) {
            assertEquals(200, history.status());
            assertEquals("gzip", history.header("content-encoding"));
            assertEquals("", one.header("content-encoding"));
        }
    }

    @Test
    void aSeventeenthReaderOfAChatEndsTheFirst() {
        UUID chat = answered("One");
        String cursor = visitor.chat(chat).cursor();
        List<RawStream> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 17; i++) {
                streams.add(visitor.stream(chat, cursor));
            }
            assertEquals("retry: 3000", streams.getFirst().next().comment());
            assertNull(streams.getFirst().next());
            assertTrue(streams.getFirst().ended());
        } finally {
            streams.forEach(RawStream::close);
        }
    }

    @Test
    void aStreamEndsWithItsSession() {
        var leaving = stage.visitor();
        UUID chat = leaving.chat();
        try (var stream = leaving.stream(chat, "0")) {
            stream.next();
            stage.sql(
                    "update visitor_session set revoked_at = now() where id = '"
                            + leaving.session()
                            + "'");
            assertNull(stream.next());
            assertTrue(stream.ended());
        }
    }

    @Test
    void whatIsNoCursorIsRefused() {
        UUID chat = answered("One");
        for (String after : List.of("x", "-1", "5", "a:", "a:-1", "A:1", "a:01", "a:1:1", ":1")) {
            try (var stream = visitor.stream(chat, after)) {
                assertEquals(400, stream.status(), after);
                assertEquals("application/problem+json", stream.header("content-type"));
            }
        }
    }

    @Test
    void anotherHistoryIsGone() {
        UUID chat = answered("One");
        String epoch = visitor.chat(chat).cursor().split(":")[0];
        assertTrue(epoch.matches("[a-z0-9]{1,16}"), epoch);
        assertEquals(410, status(chat, "other:1"));
        assertEquals(410, status(chat, epoch + ":99"), "ahead of the log");
        assertEquals(200, status(chat, epoch + ":8"));

        stage.sql("update stream set retained_from = 5 where id = '" + chat + "'");
        assertEquals(410, status(chat, epoch + ":3"));
        assertEquals(410, status(chat, epoch + ":0"));
        assertEquals(200, status(chat, epoch + ":4"));
        try (var stream = visitor.stream(chat, "0")) {
            assertEquals(5, stream.nextFrame().seq());
        }
    }

    @Test
    void aReaderWhosePlaceIsCompactedIsCutAndNeverSkips() {
        UUID chat = answered("One");
        String cursor = visitor.chat(chat).cursor();
        try (var stream = visitor.stream(chat, cursor)) {
            assertEquals("retry: 3000", stream.next().comment());
            // As if five frames had come and gone while this reader was too slow to read them.
            stage.sql(
                    "update stream set last_seq = last_seq + 5, retained_from = last_seq + 6 where id = '"
                            + chat
                            + "'");
            visitor.said(chat, "m2", "And?");
            for (var event = stream.next(); event != null; event = stream.next()) {
                assertEquals(-1, event.seq(), "a frame beyond a hole: " + event.data());
            }
        }
        assertEquals(410, status(chat, cursor));
        try (var stream = visitor.stream(chat, "0")) {
            assertTrue(stream.nextFrame().is("data-relay-message"));
        }
        visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
    }

    @Test
    void withoutACursorTheTurnInFlightComesFromItsFirstFrame() {
        UUID chat = answered("One");
        visitor.said(chat, "m2", "And?");
        var run = worker.claimed();
        Stage.ok(200, worker.frames(run, 1, Frames.start(run)));
        try (var stream = visitor.stream(chat, null)) {
            assertEquals(200, stream.status());
            var frame = stream.nextFrame();
            assertTrue(frame.is("start"), frame.data());
            assertTrue(frame.data().contains(run.answerId()));
        }
        Stage.ok(200, worker.complete(run, 2, Frames.FINISH));
    }

    @Test
    void aLongReplayIsNoReasonToBeCut() {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Go");
        var run = worker.claimed();
        Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.textStart("a1t1")));
        String[] deltas = new String[1_000];
        Arrays.fill(deltas, Frames.delta("a1t1", "x".repeat(100)));
        for (int batch = 2; batch < 12; batch++) {
            Stage.ok(200, worker.frames(run, batch, deltas));
        }
        Stage.ok(200, worker.complete(run, 12, Frames.FINISH));
        try (var stream = visitor.stream(chat, "0")) {
            List<RawStream.Event> frames = stream.frames();
            assertEquals(10_004, frames.size() - 1);
            for (int i = 0; i < frames.size() - 1; i++) {
                assertEquals(i + 1, frames.get(i).seq());
            }
        }
    }

    private UUID answered(String text) {
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Question");
        worker.answer(worker.claimed(), text);
        return chat;
    }

    private int status(UUID chat, String after) {
        try (var stream = visitor.stream(chat, after)) {
            return stream.status();
        }
    }

    private RawStream open(UUID chat, String query, String headers) {
        return RawStream.open(
                stage.uri(), "/api/v1/chats/" + chat + "/stream" + query, visitor.token(), headers);
    }
}
