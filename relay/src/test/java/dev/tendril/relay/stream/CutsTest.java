package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Part;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.stream.FrameCodec;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Cuts a stream at any byte, again and again, while it is being written and afterwards.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class CutsTest extends DatabaseTest {

    private static final int CUTS = 200;
    private static final String[] WORDS = {
        "a ",
        "word ",
        "für ",
        "日本 ",
        "\\\"quoted\\\" ",
        "\\n\\n",
        "🌱 ",
        "data: ",
        "\\\\ ",
        "id: 7 "
    };

    private final long seed = Long.getLong("test.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private Stage stage;
    private FrameCodec codec;
    private int cuts;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens, FrameCodec codec) {
        stage = new Stage(server, tokens, dataSource(), "cuts");
        this.codec = codec;
    }

    @Test
    void twoHundredCutsLoseAndRepeatNothing() throws InterruptedException {
        System.out.println("CutsTest seed " + seed);
        int answers = 0;
        while (cuts < CUTS) {
            oneAnswer(answers++);
        }
        System.out.println("CutsTest: " + cuts + " cuts over " + answers + " answers");
        assertTrue(cuts >= CUTS);
    }

    private void oneAnswer(int number) throws InterruptedException {
        var visitor = stage.visitor();
        var worker = stage.worker();
        var chat = visitor.chat();
        var accepted = visitor.said(chat, "m" + number, "Go");
        var run = worker.claimed();
        Thread writer =
                Thread.ofVirtual()
                        .start(() -> {
                            Random own = new Random(seed + number);
                            Stage.ok(
                                    200,
                                    worker.frames(
                                            run, 1, Frames.start(run), Frames.textStart("a1t1")));
                            for (int batch = 2; batch < 60; batch++) {
                                String[] frames = new String[1 + own.nextInt(5)];
                                for (int i = 0; i < frames.length; i++) {
                                    frames[i] =
                                            Frames.delta("a1t1", WORDS[own.nextInt(WORDS.length)]);
                                }
                                Stage.ok(200, worker.frames(run, batch, frames));
                            }
                            Stage.ok(
                                    200,
                                    worker.complete(
                                            run, 60, Frames.textEnd("a1t1"), Frames.FINISH));
                        });

        List<RawStream.Event> seen = new ArrayList<>();
        String cursor = accepted.cursor();
        boolean finished = false;
        while (!finished) {
            try (RawStream stream =
                    visitor.stream(chat, cursor).cutAfter(1 + random.nextInt(1_500))) {
                assertEquals(200, stream.status());
                for (RawStream.Event event = stream.nextFrame();
                        event != null && !event.done();
                        event = stream.nextFrame()) {
                    seen.add(event);
                    cursor = event.id();
                    finished |= event.is("finish");
                }
                if (!stream.ended()) {
                    cuts++;
                }
            }
        }
        writer.join();

        long first = Long.parseLong(accepted.cursor().split(":")[1]) + 1;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < seen.size(); i++) {
            assertEquals(first + i, seen.get(i).seq(), "seed " + seed);
            for (var frame : codec.parse(seen.get(i).data())) {
                if (frame instanceof dev.tendril.contract.frame.Frame.TextDelta delta) {
                    text.append(delta.delta());
                }
            }
        }
        assertFalse(text.isEmpty());
        UUID id = chat;
        assertEquals(
                List.of(new Part.Text(text.toString())),
                visitor.messages(id).getLast().parts(),
                "seed " + seed);
    }
}
