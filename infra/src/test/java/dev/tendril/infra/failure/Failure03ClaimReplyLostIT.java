package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.infra.stage.CallProxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The relay has given a run away, and the worker has never heard of it.
@ResourceLock(FailureScene.LOCK)
final class Failure03ClaimReplyLostIT {
    private static final Pattern KEY = Pattern.compile("\"claimKey\":\"([^\"]+)\"");
    private static final Pattern LEASE = Pattern.compile("\"leaseToken\":\"([^\"]+)\"");

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void theSameKeyBringsTheSameRunUnderTheSameLease() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        List<String> leases = new CopyOnWriteArrayList<>();
        scene.proxy.rule(call ->
                CallProxy.Fate.then(answer -> {
                    Matcher lease = LEASE.matcher(String.valueOf(answer));
                    if (!call.path().startsWith("/api/v1/claims") || !lease.find()) {
                        return answer;
                    }
                    keys.add(found(KEY, call.body()));
                    leases.add(lease.group(1));
                    return leases.size() == 1 ? null : answer;
                }));
        freshClaim();

        Turn turn = scene.ask("claim reply lost");

        turn.assertAnswered();
        assertEquals(2, leases.size(), "the run was given twice");
        assertEquals(keys.getFirst(), keys.getLast());
        assertEquals(leases.getFirst(), leases.getLast());
        assertEquals(1, turn.attempt());
        assertEquals(1, scene.model().requests(turn.text).size());
    }

    @Test
    void ifTheWorkerIsGoneTooTheRunIsOfferedAgain() throws Exception {
        var lost = new CountDownLatch(1);
        scene.proxy.rule(call ->
                CallProxy.Fate.then(answer -> {
                    if (call.path().startsWith("/api/v1/claims")
                            && LEASE.matcher(String.valueOf(answer)).find()) {
                        lost.countDown();
                        return null;
                    }
                    return answer;
                }));
        freshClaim();

        Turn turn = scene.ask("claim reply and worker lost");
        lost.await();
        scene.worker.process().kill();
        scene.proxy.pass();
        scene.worker.start();

        turn.assertAnswered();
        assertEquals(1, turn.attempt(), "an offer that nobody heard of is no attempt");
    }

    /// The parked claim of before was let through by an older rule: it is used up first.
    private void freshClaim() throws Exception {
        scene.proxy.cutAll();
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }
}
