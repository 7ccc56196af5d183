package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.FailRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/// What an operator does to runs.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class OperatorTest extends QueueTest {

    private static final int ROUNDS = 30;

    @Inject Operator operator;

    @Test
    void aPoisonRunIsParkedSeenAndTriedAgain() {
        Run posted = post(chat(), "m1");
        Run other = post(chat(), "m1");
        for (int attempt = 1; attempt <= 3; attempt++) {
            ClaimedRun dead = claimOne();
            queue.renew(call(dead));
            expire(dead);
            reaper.reap();
        }
        List<ListedRun> failed = operator.list(workspace, true, 10);
        assertEquals(List.of(posted.id()), failed.stream().map(ListedRun::id).toList());
        assertEquals("worker_lost", failed.getFirst().failure());
        assertEquals("w", failed.getFirst().worker());
        assertEquals(2, operator.list(workspace, false, 10).size());

        operator.retry(workspace, posted.id());

        assertEquals("ready", state(posted.id()));
        assertEquals(List.of(), operator.list(workspace, true, 10));
        assertEquals(other.id(), claimOne().runId(), "a retry goes to the end");
        ClaimedRun again = claimOne();
        assertEquals(posted.id(), again.runId());
        assertEquals(1, again.attempt());
        complete(again, 1, start(again), FINISH);
        assertEquals("conflict", outcome(() -> operator.retry(workspace, posted.id())));
        assertEquals("run_retried", audit(posted.id()));
    }

    @Test
    void aRunIsCancelledAndTheNextGoesOn() {
        UUID chat = chat();
        Run first = post(chat, "m1");
        Run second = post(chat, "m2");
        Run third = post(chat, "m3");
        ClaimedRun running = claimOne();
        operator.cancel(workspace, second.id());
        assertEquals("cancelled", state(second.id()));
        assertEquals("running", state(first.id()));
        operator.cancel(workspace, first.id());
        assertEquals("cancelled", state(first.id()));
        assertEquals("ready", state(third.id()));
        assertEquals(leaseLost(), outcome(() -> queue.renew(call(running))));
        assertEquals("conflict", outcome(() -> operator.cancel(workspace, first.id())));
        assertEquals("run_cancelled", audit(first.id()));
    }

    @Test
    void whatIsRetriedBehindALiveTurnWaits() {
        UUID chat = chat();
        post(chat, "m1");
        Run last = post(chat, "m2");
        ClaimedRun running = claimOne();
        operator.cancel(workspace, last.id());
        operator.retry(workspace, last.id());
        assertEquals("waiting", state(last.id()));
        complete(running, 1, start(running), FINISH);
        assertEquals("ready", state(last.id()));
        ClaimedRun again = claimOne();
        complete(again, 1, start(again), FINISH);
    }

    @Test
    void anotherWorkspacesRunDoesNotExist() {
        Run run = post(chat(), "m1");
        UUID other = UUID.randomUUID();
        assertNull(operator.show(other, run.id()));
        assertEquals("not_found", outcome(() -> operator.cancel(other, run.id())));
        assertEquals("not_found", outcome(() -> operator.retry(other, run.id())));
        assertEquals("ready", state(run.id()));
    }

    /// Whoever comes first: the message goes behind the retried turn, or the turn is no longer the
    /// last and stays as it is. Never two heads, never a turn that nobody answers.
    @Test
    void aRetryMayRaceWithANewMessageAndAnotherRetry() {
        int retried = 0;
        for (int round = 0; round < ROUNDS; round++) {
            UUID chat = chat();
            Run failed = post(chat, "m1");
            ClaimedRun run = claimOne();
            queue.fail(call(run), new FailRun(run.leaseToken(), "model", "It broke.", true));
            CyclicBarrier together = new CyclicBarrier(3);
            var visitor =
                    racing(
                            together,
                            () ->
                                    outcome(() ->
                                            transactions.write(
                                                    tx -> turns.retry(tx, workspace, chat))));
            var retry =
                    racing(together, () -> outcome(() -> operator.retry(workspace, failed.id())));
            var message = racing(together, () -> post(chat, "m2").id() > 0 ? "ok" : "no");
            List<String> retries = List.of(visitor.join(), retry.join());
            assertEquals("ok", message.join());
            assertTrue(Set.of("ok", "conflict").containsAll(retries), retries.toString());
            assertTrue(retries.indexOf("ok") == retries.lastIndexOf("ok"), "at most one retry");
            int turnsLeft = retries.contains("ok") ? 2 : 1;
            retried += turnsLeft - 1;
            for (int i = 0; i < turnsLeft; i++) {
                ClaimedRun next = claimOne();
                complete(next, 1, start(next), FINISH);
            }
            assertEquals(List.of(), claim(5));
            assertEquals(retries.contains("ok") ? "done" : "failed", state(failed.id()));
            frames(chat);
        }
        System.out.println("retries that came before the message: " + retried + " of " + ROUNDS);
    }

    private static java.util.concurrent.CompletableFuture<String> racing(
            CyclicBarrier together, java.util.function.Supplier<String> action) {
        return async(() -> {
            try {
                together.await();
            } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
                throw new IllegalStateException(e);
            }
            return action.get();
        });
    }

    private String audit(long runId) {
        return sql(
                "select action from audit_entry where subject = '%d' and workspace_id = '%s' order by id desc limit 1"
                        .formatted(runId, workspace));
    }
}
