package dev.tendril.relay.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.relay.stage.Frames;
import dev.tendril.relay.stage.RawStream;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.stream.NatsServer;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Failure 13: signals are deaf, noisy, or lose their server. Two relays over one database; the
/// visitor is at one, the worker at the other. Whatever signals do, a claim wakes, a reader hears,
/// each message is answered once and no frame is missing or doubled: only the latency changes, by
/// about a second at most.
final class Failure13SignalsTest extends DatabaseTest {

    private static final int CHATS = 3;

    /// A look per second, and a busy machine.
    private static final long MOST_MS = 2_500;

    @TempDir private static Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"local", "postgres", "nats", "deaf", "noisy"})
    void onlyTheLatencyChanges(String kind) throws Exception {
        assumeTrue(!kind.equals("nats") || NatsServer.present(), "nats-server is not on the PATH");
        try (var nats = kind.equals("nats") ? new NatsServer(directory) : null;
                var replicas = new Replicas(kind, nats == null ? "" : nats.url())) {
            List<Long> claims = new ArrayList<>();
            List<Long> frames = new ArrayList<>();
            for (int i = 0; i < CHATS; i++) {
                replicas.turn(claims, frames);
            }
            System.out.println(
                    kind + ": post to claim, ms: " + claims + "; frame to reader, ms: " + frames);
            claims.forEach(ms -> assertTrue(ms < MOST_MS, kind + " claim: " + ms));
            frames.forEach(ms -> assertTrue(ms < MOST_MS, kind + " frame: " + ms));
            replicas.assertAnsweredOnce(CHATS);
        }
    }

    @Test
    void aServerOfSignalsThatDiesAndComesBackChangesOnlyTheLatency() throws Exception {
        assumeTrue(NatsServer.present(), "nats-server is not on the PATH");
        try (var nats = new NatsServer(directory);
                var replicas = new Replicas("nats", nats.url())) {
            List<Long> with = new ArrayList<>();
            List<Long> without = new ArrayList<>();
            List<Long> again = new ArrayList<>();
            replicas.turn(with, with);
            nats.kill();
            replicas.turn(without, without);
            nats.back();
            replicas.turn(again, again);
            System.out.println("nats, ms: " + with + "; killed: " + without + "; back: " + again);
            without.forEach(ms -> assertTrue(ms < MOST_MS, "killed: " + ms));
            again.forEach(ms -> assertTrue(ms < MOST_MS, "back: " + ms));
            replicas.assertAnsweredOnce(3);
        }
    }

    /// Two relays over this test's database.
    private final class Replicas implements AutoCloseable {
        private final EmbeddedServer visitors;
        private final EmbeddedServer workers;
        private final Stage here;
        private final Stage there;
        private final Stage.VisitorRole visitor;
        private final Stage.WorkerRole worker;

        Replicas(String kind, String natsUrl) throws IOException {
            Map<String, Object> properties = new HashMap<>(getProperties());
            properties.put("micronaut.server.port", -1);
            if (kind.equals("deaf") || kind.equals("noisy")) {
                properties.put("tendril.doubled-signals", kind);
            } else {
                properties.put("tendril.signals", kind);
                properties.put("tendril.nats.url", natsUrl);
            }
            visitors = ApplicationContext.run(EmbeddedServer.class, properties, "test");
            workers = ApplicationContext.run(EmbeddedServer.class, properties, "test");
            var tokens = visitors.getApplicationContext().getBean(Tokens.class);
            here =
                    new Stage(
                            visitors,
                            tokens,
                            dataSource(),
                            "s-" + UUID.randomUUID().toString().substring(0, 8));
            there = here.beside(workers);
            visitor = here.visitor();
            worker = there.worker();
        }

        /// One answered message.
        ///
        /// @param claims milliseconds from the post to the parked claim's answer
        /// @param frames milliseconds from each frame's append to its reader
        void turn(List<Long> claims, List<Long> frames) {
            UUID chat = visitor.chat();
            var claim =
                    CompletableFuture.supplyAsync(
                            worker::claimed, task -> Thread.ofVirtual().start(task));
            long posted = System.nanoTime();
            var accepted = visitor.said(chat, "m1", "Hi");
            try (var stream = visitor.stream(chat, accepted.cursor())) {
                ClaimedRun run = claim.join();
                claims.add((System.nanoTime() - posted) / 1_000_000);
                Stage.ok(200, worker.frames(run, 1, Frames.start(run), Frames.textStart("t")));
                long seq = expect(stream, "start", Long.parseLong(after(accepted.cursor())));
                seq = expect(stream, "text-start", seq);
                for (int batch = 2; batch <= 4; batch++) {
                    long sent = System.nanoTime();
                    Stage.ok(200, worker.frames(run, batch, Frames.delta("t", "w" + batch)));
                    seq = expect(stream, "text-delta", seq);
                    frames.add((System.nanoTime() - sent) / 1_000_000);
                }
                Stage.ok(200, worker.complete(run, 5, Frames.textEnd("t"), Frames.FINISH));
                seq = expect(stream, "text-end", seq);
                expect(stream, "finish", seq);
                assertTrue(stream.nextFrame().done());
            }
        }

        private static long expect(RawStream stream, String type, long before) {
            var frame = stream.nextFrame();
            while (frame.is("data-relay-message")) {
                before = frame.seq();
                frame = stream.nextFrame();
            }
            assertTrue(frame.is(type), frame.data());
            assertEquals(before + 1, frame.seq());
            return frame.seq();
        }

        private static String after(String cursor) {
            return cursor.substring(cursor.indexOf(':') + 1);
        }

        void assertAnsweredOnce(int turns) {
            String mine = " where workspace_id = '" + here.workspace() + "'";
            assertEquals(
                    Integer.toString(turns),
                    here.sql(
                            "select count(*) from run"
                                    + mine
                                    + " and state = 'done' and attempt = 1"));
            assertEquals(
                    Integer.toString(turns),
                    here.sql("select count(*) from event" + mine + " and kind = 'done'"));
        }

        @Override
        public void close() {
            visitors.close();
            workers.close();
        }
    }
}
