package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.property.Property;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Random lives of a chat and of its readers, against [CursorModel]: a reader that begins anywhere,
/// is cut at any byte, and comes back with its cursor, sees exactly what follows, or is told that
/// it is gone. A third of the signals is lost.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class CursorModelTest extends DatabaseTest {

    private static final int CASES = Integer.getInteger("test.cases", 10);
    private static final int COMMANDS = 60;
    private static final int READERS = 8;
    private static final Duration SOON = Duration.ofSeconds(6);

    private Stage stage;

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("test.signals", "lossy");
        return properties;
    }

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "cursor-model");
    }

    @Test
    void aReaderSeesExactlyWhatFollowsOrThatItIsGone() {
        new Property<>(
                        "a reader sees what the model continues with",
                        random -> CursorCommand.sequence(random, COMMANDS),
                        commands -> {
                            try (Case one = new Case()) {
                                commands.forEach(one::step);
                                one.compare();
                            }
                        })
                .check(CASES);
    }

    private final class Case implements AutoCloseable {
        private final CursorModel model = new CursorModel();
        private final Stage.VisitorRole visitor = stage.visitor();
        private final Stage.WorkerRole worker = stage.worker();
        private final UUID chat = visitor.chat();
        private final String epoch = visitor.chat(chat).cursor().split(":")[0];
        private final List<Follower> followers = new ArrayList<>();
        private @Nullable ClaimedRun run;
        private int posts;

        void step(CursorCommand command) {
            switch (command) {
                case CursorCommand.Post c -> post(c.again() && posts > 0);
                case CursorCommand.Claim _ -> claim();
                case CursorCommand.Write c -> write(c.pieces());
                case CursorCommand.Complete _ -> complete();
                case CursorCommand.Fail _ -> fail();
                case CursorCommand.Stop _ -> {
                    var answer = visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
                    assertEquals(
                            "{\"stopped\":" + model.stop() + "}", Stage.ok(200, answer).body());
                }
                case CursorCommand.Retry _ -> {
                    var answer = visitor.post("/api/v1/chats/" + chat + "/retry", "{}");
                    assertEquals(model.retry() ? 202 : 409, answer.status(), answer.body());
                }
                case CursorCommand.Forget _ -> forget();
                case CursorCommand.Read c -> read(c);
            }
        }

        /// Waits until everybody has read as much as there is, and looks what it was.
        void compare() {
            for (Follower follower : followers) {
                Stage.await(
                        follower + " to have read it all",
                        SOON,
                        () -> follower.done(model.lastSeq()));
            }
            followers.forEach(Follower::stop);
            for (Follower follower : followers) {
                List<String> expected = model.after(follower.from);
                List<String> seen = follower.seen();
                if (follower.gone) {
                    assertTrue(
                            follower.from + seen.size() < model.retainedFrom() - 1,
                            () -> follower + " was refused though it could have gone on");
                    expected = expected.subList(0, Math.min(seen.size(), expected.size()));
                }
                assertEquals(
                        String.join("\n", expected), String.join("\n", seen), follower::toString);
            }
        }

        @Override
        public void close() {
            followers.forEach(Follower::stop);
            visitor.post("/api/v1/chats/" + chat + "/stop", "{}");
        }

        private void post(boolean again) {
            String id = "m" + (again ? posts : posts + 1);
            int status = visitor.say(chat, id, "Hello").status();
            if (again) {
                assertEquals(202, status);
            } else if (model.full()) {
                assertEquals(409, status);
            } else {
                assertEquals(202, status);
                posts++;
                model.post();
            }
        }

        private void claim() {
            var answer = worker.claim(UUID.randomUUID(), 1, 0);
            assertEquals(model.claimable() ? 200 : 204, answer.status(), answer.body());
            if (model.claimable()) {
                model.claim();
                run = answer.as(Claims.class).runs().getFirst();
            }
        }

        private void write(int pieces) {
            if (run == null || !model.held()) {
                return;
            }
            List<String> frames = new ArrayList<>();
            List<String> texts = new ArrayList<>();
            if (!model.opened()) {
                frames.add(Frames.start(run));
            }
            String part = "t" + model.nextText();
            frames.add(Frames.textStart(part));
            for (int i = 0; i < pieces; i++) {
                String text = part + "-" + i + "-" + "ü日".repeat(i % 7);
                texts.add(text);
                frames.add(Frames.delta(part, text));
            }
            int batch = model.nextBatch();
            model.write(texts);
            String[] all = frames.toArray(String[]::new);
            String told = Stage.ok(200, worker.frames(run, batch, all)).body();
            assertTrue(told.contains("\"lastSeq\":" + model.lastSeq() + ","), told);
            Stage.ok(200, worker.frames(run, batch, all));
        }

        private void complete() {
            if (run != null && model.held()) {
                int batch = model.nextBatch();
                boolean opened = model.opened();
                model.complete();
                Stage.ok(
                        200,
                        opened
                                ? worker.complete(run, batch, Frames.FINISH)
                                : worker.complete(run, batch, Frames.start(run), Frames.FINISH));
            }
        }

        private void fail() {
            if (run != null && model.held()) {
                model.fail();
                String why = ",\"code\":\"model\",\"text\":\"It is away.\",\"retryable\":true";
                Stage.ok(204, worker.call(run, "fail", why));
            }
        }

        private void forget() {
            int gone = model.forget();
            if (gone > 0) {
                stage.sql(
                        "with s as (update stream set retained_from = %d where id = '%s') delete from event where stream_id = '%s' and last_seq <= %d"
                                .formatted(gone + 1, chat, chat, gone));
            }
        }

        private void read(CursorCommand.Read command) {
            if (followers.size() >= READERS) {
                return;
            }
            int within = model.lastSeq() * command.percent() / 100;
            String cursor =
                    switch (command.from()) {
                        case NOWHERE -> null;
                        case ZERO -> "0";
                        case WITHIN -> epoch + ":" + within;
                        case AHEAD -> epoch + ":" + (model.lastSeq() + 1);
                        case ELSEWHERE -> "x" + epoch.substring(1) + "y:" + within;
                    };
            int begin =
                    switch (command.from()) {
                        case NOWHERE -> model.begin(null);
                        case ZERO -> model.retainedFrom() - 1;
                        case WITHIN -> model.begin(within);
                        case AHEAD, ELSEWHERE -> CursorModel.REFUSED;
                    };
            if (begin < 0) {
                try (RawStream stream = visitor.stream(chat, cursor)) {
                    int status = begin == CursorModel.REFUSED ? 410 : 204;
                    assertEquals(status, stream.status(), command::toString);
                }
                return;
            }
            Follower follower = new Follower(visitor, chat, epoch, begin, command);
            followers.add(follower);
            follower.open(cursor);
        }
    }

    /// Reads on and on: cut somewhere, back with the cursor.
    private static final class Follower {
        private final Stage.VisitorRole visitor;
        private final UUID chat;
        private final String epoch;
        private final int from;
        private final CursorCommand.Read command;
        private final Random random;
        private final List<String> seen = new ArrayList<>();
        private @Nullable RawStream stream;
        private @Nullable AssertionError failure;
        private boolean stopped;
        private volatile boolean gone;

        Follower(
                Stage.VisitorRole visitor,
                UUID chat,
                String epoch,
                int from,
                CursorCommand.Read command) {
            this.visitor = visitor;
            this.chat = chat;
            this.epoch = epoch;
            this.from = from;
            this.command = command;
            this.random = new Random(command.seed());
        }

        /// The first connection, which must be granted; then on by itself.
        void open(@Nullable String cursor) {
            RawStream first = connect(cursor);
            assertEquals(200, first.status(), command::toString);
            Thread.ofVirtual().start(() -> follow(first));
        }

        synchronized boolean done(int lastSeq) {
            if (failure != null) {
                throw failure;
            }
            return gone || from + seen.size() >= lastSeq;
        }

        synchronized List<String> seen() {
            return List.copyOf(seen);
        }

        synchronized void stop() {
            stopped = true;
            if (stream != null) {
                stream.close();
            }
        }

        private RawStream connect(@Nullable String cursor) {
            RawStream opened = visitor.stream(chat, cursor).cutAfter(1 + random.nextInt(4_000));
            synchronized (this) {
                stream = opened;
                if (stopped) {
                    opened.close();
                }
            }
            return opened;
        }

        private void follow(RawStream first) {
            try {
                RawStream now = first;
                while (take(now)) {
                    now.close();
                    now = connect(epoch + ":" + (from + seen().size()));
                    if (now.status() != 200) {
                        assertEquals(410, now.status(), command::toString);
                        gone = true;
                        now.close();
                        return;
                    }
                }
            } catch (AssertionError | RuntimeException e) {
                synchronized (this) {
                    if (!stopped) {
                        failure = new AssertionError(this + " failed", e);
                    }
                }
            }
        }

        /// @return whether to come back
        private boolean take(RawStream now) {
            for (RawStream.Event event = now.nextFrame();
                    event != null && !event.done();
                    event = now.nextFrame()) {
                synchronized (this) {
                    assertEquals(
                            epoch + ":" + (from + seen.size() + 1),
                            String.valueOf(event.id()),
                            command::toString);
                    seen.add(told(event.data()));
                }
            }
            synchronized (this) {
                return !stopped;
            }
        }

        /// The type, with the text if it is a piece of it.
        private static String told(String json) {
            String type = json.substring(9, json.indexOf('"', 9));
            int delta = json.indexOf("\"delta\":\"");
            return delta < 0 ? type : type + " " + json.substring(delta + 9, json.length() - 2);
        }

        @Override
        public String toString() {
            return "the reader of " + command + " after " + from;
        }
    }
}
