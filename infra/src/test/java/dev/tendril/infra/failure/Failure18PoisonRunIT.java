package dev.tendril.infra.failure;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.stage.CallProxy;
import dev.tendril.infra.visitor.Answer;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A message that kills whoever touches it is given up after three workers, and the chat goes on.
@ResourceLock(FailureScene.LOCK)
final class Failure18PoisonRunIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void threeWorkersDieThenTheChatGoesOn() throws Exception {
        var touched = new Semaphore(0);
        scene.proxy.rule(call -> {
            if (call.path().endsWith("/frames") && call.body().contains("poison")) {
                touched.release();
            }
            return CallProxy.Fate.pass();
        });
        Turn poison = scene.ask(scene.relay.url(), "poison", 400, 25);
        Turn behind =
                Turn.ask(
                        scene.house,
                        poison.visitor,
                        poison.chat,
                        FailureScene.text("behind it", 20, 0),
                        20);
        for (int i = 0; i < 3; i++) {
            touched.acquire();
            scene.worker.process().kill();
            touched.drainPermits();
            scene.worker.start();
        }

        Answer failed = poison.answer();
        assertInstanceOf(Frame.Error.class, failed.last());
        assertEquals("worker_lost", failed.all(Frame.RelayFailure.class).getFirst().data().code());
        FailureScene.soon(
                "the chat to go on",
                () ->
                        requireNonNull(behind.visitor.chat(behind.chat).run())
                                .state()
                                .equals("done"));
        assertEquals(1, scene.model().requests(behind.text).size());
    }
}
