package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.stage.CallProxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// `kill -9` of a worker at each point of a run's life, four runs at once: another attempt or none,
/// and one answer.
@ResourceLock(FailureScene.LOCK)
final class Failure01WorkerKilledIT {
    private static final Pattern RUN = Pattern.compile("/api/v1/runs/(\\d+)/(\\w+).*");

    private final FailureScene scene = FailureScene.get();
    private final Map<String, Point> points = new ConcurrentHashMap<>();
    private final CountDownLatch dead = new CountDownLatch(1);
    private volatile Point next = Point.COMPLETE_UNANSWERED;

    /// Where the worker is when it dies.
    private enum Point {
        COMPLETE_UNANSWERED,
        COMPLETE_UNSENT,
        MID_STREAM,
        NOT_ACCEPTED;

        private final CountDownLatch reached = new CountDownLatch(1);
    }

    @AfterEach
    void whole() throws Exception {
        dead.countDown();
        scene.assertWhole();
    }

    @Test
    void beforeItAcceptsInMidStreamAfterTheLastDeltaAndBeforeCompleteIsAnswered() throws Exception {
        scene.proxy.rule(this::fate);

        Turn unanswered = reach(Point.COMPLETE_UNANSWERED, 20, 0);
        Turn unsent = reach(Point.COMPLETE_UNSENT, 20, 0);
        Turn streaming = reach(Point.MID_STREAM, 400, 25).awaitPieces(5);
        Turn notAccepted = reach(Point.NOT_ACCEPTED, 20, 0);
        scene.worker.process().kill();
        dead.countDown();
        scene.proxy.pass();
        scene.worker.start();

        unanswered.assertAnswered();
        assertEquals(1, unanswered.attempt());
        assertEquals(1, scene.model().requests(unanswered.text).size(), "it was done");
        notAccepted.assertAnswered();
        assertEquals(1, notAccepted.attempt(), "an offer that nobody took is no attempt");
        assertEquals(0, unsent.assertAnswered().all(Frame.RelaySuperseded.class).size());
        assertEquals(2, unsent.attempt());
        assertEquals(1, scene.model().requests(unsent.text).size(), "kept by its checkpoint");
        assertEquals(1, streaming.assertAnswered().all(Frame.RelaySuperseded.class).size());
        assertEquals(2, streaming.attempt());
    }

    private Turn reach(Point point, int deltas, int delayMs) throws Exception {
        next = point;
        Turn turn = scene.ask(scene.relay.url(), point.name(), deltas, delayMs);
        assertTrue(
                point.reached.await(FailureScene.SOON.toSeconds(), TimeUnit.SECONDS),
                "reached " + point);
        return turn;
    }

    private CallProxy.Fate fate(CallProxy.Call call) throws InterruptedException {
        Matcher run = RUN.matcher(call.path());
        if (!run.matches()) {
            return CallProxy.Fate.pass();
        }
        Point point = points.computeIfAbsent(run.group(1), _ -> next);
        boolean completes = run.group(2).equals("complete");
        return switch (point) {
            case COMPLETE_UNANSWERED ->
                    completes ? CallProxy.Fate.then(_ -> held(point)) : CallProxy.Fate.pass();
            case COMPLETE_UNSENT -> completes ? lost(point) : CallProxy.Fate.pass();
            case MID_STREAM -> {
                if (run.group(2).equals("frames")) {
                    point.reached.countDown();
                }
                yield CallProxy.Fate.pass();
            }
            case NOT_ACCEPTED -> lost(point);
        };
    }

    private CallProxy.Fate lost(Point point) throws InterruptedException {
        point.reached.countDown();
        dead.await();
        return CallProxy.Fate.lost();
    }

    private String held(Point point) {
        point.reached.countDown();
        try {
            dead.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }
}
