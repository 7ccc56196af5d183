package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.CallProxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A worker that slept through its lease wakes up with the rest of an answer in its hands; a write
/// of its past life was under way all the time. Nothing of it counts.
@ResourceLock(FailureScene.LOCK)
final class Failure02ZombieWorkerIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void allItsWritesAreFenced() throws Exception {
        var calls = new AtomicInteger();
        var tookOver = new CountDownLatch(1);
        List<String> late = new CopyOnWriteArrayList<>();
        scene.proxy.rule(call -> {
            if (!call.path().endsWith("/frames") || calls.incrementAndGet() < 8) {
                return CallProxy.Fate.pass();
            }
            tookOver.await();
            return CallProxy.Fate.then(answer -> {
                late.add(String.valueOf(answer));
                return answer;
            });
        });
        Turn turn = scene.ask(scene.relay.url(), "zombie", 120, 25).awaitPieces(5);
        FailureScene.soon("a write to be under way", () -> calls.get() >= 8);

        scene.worker.process().pause();
        House.Worker other =
                scene.house.worker("other", scene.relay.url(), FailureScene.options(scene.stub));
        try {
            assertEquals(1, turn.assertAnswered().all(Frame.RelaySuperseded.class).size());
            String end = turn.visitor.chat(turn.chat).cursor();
            tookOver.countDown();
            FailureScene.soon("the late write to be answered", () -> !late.isEmpty());
            scene.worker.process().resume();

            scene.worker
                    .process()
                    .awaitLine(
                            FailureScene.SOON, "that it lost its lease", l -> l.contains("lease"));
            assertTrue(late.stream().allMatch(a -> a.contains("lease_lost")), late.toString());
            assertEquals(end, turn.visitor.chat(turn.chat).cursor(), "nothing was written");
            assertEquals(2, turn.attempt());
        } finally {
            tookOver.countDown();
            scene.worker.process().resume();
            other.process().terminate();
        }
    }
}
