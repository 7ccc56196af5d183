package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.visitor.Visitor;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// PostgreSQL stands still with all its connections open: callers are told to come back, nothing
/// piles up, and all goes on when it does.
@ResourceLock(FailureScene.LOCK)
final class Failure09DatabaseHangsIT {
    private static final int CALLS = 100;

    /// A statement's patience of 10 s, and room for a busy machine.
    private static final double PATIENCE_SECONDS = 17;

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.house.database().resumeAll();
        scene.assertWhole();
    }

    @Test
    void callersGetA503WithRetryAfterAndAllGoesOnLater() throws Exception {
        Visitor visitor = scene.visitor();
        Turn turn = scene.ask(scene.relay.url(), "database hangs", 200, 25).awaitPieces(5);
        UUID chat = visitor.openChat();
        String id = UUID.randomUUID().toString();
        String text = FailureScene.text("while it hangs", 20, 0);

        scene.house.database().pauseAll();
        long begun = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> calls = new ArrayList<>();
            calls.add(threads.submit(() -> visitor.post(chat, id, text)));
            for (int i = 1; i < CALLS; i++) {
                calls.add(threads.submit(() -> visitor.call("GET", "/api/v1/chats/" + chat, null)));
            }
            for (Future<HttpResponse<byte[]>> call : calls) {
                assertEquals(503, call.get().statusCode());
                assertTrue(call.get().headers().firstValue("retry-after").isPresent());
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertTrue(seconds < PATIENCE_SECONDS, CALLS + " calls were told after " + seconds + " s");
        assertTrue(threads() < 100, "threads of the relay: " + threads());
        scene.house.database().resumeAll();

        turn.assertAnswered();
        FailureScene.soon(
                "the relay to be ready", () -> scene.relay.status("/health/ready") == 200);
        visitor.say(chat, id, text);
        visitor.read(chat).answer("0", FailureScene.SOON);
        assertEquals(2, visitor.messages(chat).size(), "one question, one answer");
    }

    private long threads() throws Exception {
        Path tasks = Path.of("/proc", Long.toString(scene.relay.process().pid()), "task");
        if (!Files.exists(tasks)) {
            return 0;
        }
        try (var all = Files.list(tasks)) {
            return all.count();
        }
    }
}
