package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Messages come while the last worker leaves: whoever comes next takes them at once.
@ResourceLock(FailureScene.LOCK)
final class Failure23LastWorkerLeavesIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void theNextWorkerTakesThemWithItsFirstPoll() throws Exception {
        List<Turn> turns = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var leaving = threads.submit(() -> scene.worker.process().terminate());
            while (!leaving.isDone()) {
                turns.add(scene.ask("last worker leaves"));
            }
            assertEquals(143, leaving.get());
        }
        turns.add(scene.ask("nobody is there"));

        scene.worker.start();
        long online = System.nanoTime();

        turns.getLast().awaitPieces(1);
        double seconds = (System.nanoTime() - online) / 1e9;
        assertEquals(0, Math.floor(seconds / 5), "seconds until the first piece: " + seconds);
        for (Turn turn : turns) {
            turn.assertAnswered();
            assertEquals(1, turn.attempt(), "a handed back run has its attempt back");
        }
    }
}
