package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.Await;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// One of two relays stands still for two leases, perhaps with locks in the database in its hands.
/// The other serves; who streams there notices nothing; who streamed here is taken over there.
@Order(4)
@ResourceLock(FailureScene.LOCK)
final class Failure05RelayPausedIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void theOtherServesAndKeepsItsRuns() throws Exception {
        scene.worker.process().terminate();
        House.Relay paused = scene.house.relay("paused", FailureScene.BRIEF);
        House.Worker there =
                scene.house.worker(
                        "there",
                        paused.url(),
                        FailureScene.options(scene.stub, "--concurrency", "1"));
        try {
            // Longer than the start of the other worker, or this one would take both.
            Turn onPaused = scene.ask(scene.relay.url(), "there", 480, 25).awaitPieces(3);
            scene.worker.start();
            Turn onOther = scene.ask(scene.relay.url(), "here", 240, 25).awaitPieces(3);

            paused.process().pause();
            long begun = System.nanoTime();
            Turn later = scene.ask("while it stands still");
            later.assertAnswered();
            onOther.assertAnswered();
            assertEquals(1, onOther.attempt(), "no reap of a run that is streamed elsewhere");
            assertEquals(1, onPaused.assertAnswered().all(Frame.RelaySuperseded.class).size());
            assertEquals(2, onPaused.attempt());
            Await.until(
                    FailureScene.SOON,
                    "two leases to pass",
                    () -> System.nanoTime() - begun > Duration.ofSeconds(12).toNanos());
            String end = onPaused.visitor.chat(onPaused.chat).cursor();

            paused.process().resume();
            FailureScene.soon("it to be ready again", () -> paused.status("/health/ready") == 200);
            assertEquals(end, onPaused.visitor.chat(onPaused.chat).cursor(), "nothing was written");
        } finally {
            paused.process().resume();
            there.process().terminate();
            paused.process().terminate();
        }
    }
}
