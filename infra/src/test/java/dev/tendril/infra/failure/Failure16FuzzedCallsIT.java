package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.stage.CallProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A network between worker and relay that delays, loses, doubles and reorders calls.
@Order(6)
@ResourceLock(FailureScene.LOCK)
final class Failure16FuzzedCallsIT {
    private static final int CHATS = 6;

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void eachAnswerComesOnceAndWordForWord() throws Exception {
        long seed = Long.getLong("tendril.seed", System.nanoTime());
        System.out.println("Failure16FuzzedCallsIT seed " + seed + " (-Dtendril.seed=…)");
        var random = new Random(seed);
        var tampered = new AtomicInteger();
        scene.proxy.rule(call -> {
            int dice = random.nextInt(100);
            int delayMs = random.nextInt(200);
            tampered.addAndGet(dice < 60 ? 1 : 0);
            if (dice < 10) {
                return CallProxy.Fate.lost();
            } else if (dice < 20) {
                return CallProxy.Fate.answerLost();
            } else if (dice < 30) {
                return CallProxy.Fate.times(2);
            } else if (dice < 45) {
                return CallProxy.Fate.echo(2L * delayMs);
            } else if (dice < 60) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMs));
            }
            return CallProxy.Fate.pass();
        });

        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < CHATS; i++) {
            turns.add(scene.ask(scene.relay.url(), "fuzzed", 100, 15));
        }

        for (Turn turn : turns) {
            turn.assertAnswered();
            assertEquals(1, turn.attempt(), "no lease was lost");
            assertEquals(1, scene.model().requests(turn.text).size());
        }
        assertTrue(tampered.get() > 50, "calls that were tampered with: " + tampered);
    }
}
