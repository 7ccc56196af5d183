package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// A worker that died and came back.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class TakeOverTest extends QueueTest {

    private static final List<String> POOLS = List.of("chat");

    @Inject TakeOver takeOver;

    @Test
    void whatTheFormerProcessHeldIsReadyAtOnce() {
        UUID former = UUID.randomUUID();
        UUID present = UUID.randomUUID();
        Run posted = post(chat(), "m1");
        ClaimedRun held = claimAs(former);
        append(held, 1, start(held));

        assertEquals(1, takeOver.from(workspace, worker, present));

        assertEquals("ready", state(posted.id()));
        assertEquals(
                leaseLost(),
                outcome(() -> append(held, 2, new Frame.StartStep())),
                "the former is fenced");
        assertEquals(leaseLost(), outcome(() -> queue.renew(call(held))));
        ClaimedRun again = claimAs(present);
        assertEquals(posted.id(), again.runId());
        assertEquals(2, again.attempt(), "the attempt counts");
        assertEquals(held.fence() + 2, again.fence());
        assertEquals(0, takeOver.from(workspace, worker, present), "its own stays");
        complete(again, 1, FINISH);
    }

    @Test
    void anOfferThatItDidNotTakeUpGivesItsAttemptBack() {
        post(chat(), "m1");
        claimAs(UUID.randomUUID());
        takeOver.from(workspace, worker, UUID.randomUUID());
        assertEquals(1, claimOne().attempt());
    }

    @Test
    void theThirdLossIsAFailure() {
        Run posted = post(chat(), "m1");
        for (int attempt = 1; attempt <= 3; attempt++) {
            ClaimedRun held = claimAs(UUID.randomUUID());
            queue.renew(call(held));
            takeOver.from(workspace, worker, UUID.randomUUID());
        }
        assertEquals(
                "failed worker_lost",
                sql("select state || ' ' || failure_code from run where id = " + posted.id()));
    }

    @Test
    void othersKeepTheirs() {
        post(chat(), "m1");
        ClaimedRun unnamed = claimOne();
        queue.renew(call(unnamed));
        UUID first = worker;
        worker = newWorker();
        post(chat(), "m1");
        ClaimedRun another = claimAs(UUID.randomUUID());

        assertEquals(0, takeOver.from(workspace, first, UUID.randomUUID()));

        assertEquals("running", state(another.runId()));
        assertEquals("running", state(unnamed.runId()), "who did not name itself keeps its lease");
    }

    @Test
    void aReplacedProcessGetsNothingMore() {
        UUID former = UUID.randomUUID();
        UUID present = UUID.randomUUID();
        sql("update worker set instance = '%s' where id = '%s'".formatted(present, worker));
        post(chat(), "m1");
        assertEquals(List.of(), queue.claim(claimant(former), 1, POOLS));
        assertEquals(1, queue.claim(claimant(present), 1, POOLS).size());
    }

    private ClaimedRun claimAs(UUID instance) {
        return queue.claim(claimant(instance), 1, POOLS).getFirst();
    }
}
