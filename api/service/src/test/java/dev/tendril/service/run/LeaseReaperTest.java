package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@MicronautTest(transactional = false)
final class LeaseReaperTest extends QueueTest {

    @Test
    void aDeadWorkersTextIsSupersededAndAnotherAttemptAnswers() {
        UUID chat = chat();
        Run posted = post(chat, "m1");
        ClaimedRun dead = claimOne();
        append(
                dead,
                1,
                start(dead),
                new Frame.StartStep(),
                new Frame.TextStart("a1t1"),
                new Frame.TextDelta("a1t1", "Half"));
        expire(dead);

        reaper.reap();

        assertEquals(
                List.of(
                        "{\"type\":\"text-end\",\"id\":\"a1t1\"}",
                        "{\"type\":\"finish-step\"}",
                        "{\"type\":\"data-relay-superseded\",\"data\":{\"parts\":[\"a1t1\"],\"attempt\":1},\"transient\":true}"),
                frames(chat).subList(5, 8));
        ClaimedRun next = claimOne();
        assertEquals(posted.id(), next.runId());
        assertEquals(2, next.attempt());
        assertEquals(dead.fence() + 2, next.fence());
        assertTrue(next.opened());
        assertEquals(leaseLost(), outcome(() -> append(dead, 2, new Frame.StartStep())));
        complete(
                next,
                1,
                new Frame.StartStep(),
                new Frame.TextStart("a2t1"),
                new Frame.TextDelta("a2t1", "Whole"),
                new Frame.TextEnd("a2t1"),
                FINISH);
        assertEquals(
                "[{\"type\": \"step-start\"}, {\"text\": \"Whole\", \"type\": \"text\"}]",
                sql(
                        "select parts from message where chat_id = '"
                                + chat
                                + "' and role = 'assistant'"));
    }

    @Test
    void aSecondDeathNamesOnlyItsOwnParts() {
        UUID chat = chat();
        post(chat, "m1");
        for (int attempt = 1; attempt <= 2; attempt++) {
            ClaimedRun dead = claimOne();
            String part = "a" + attempt + "t1";
            if (attempt == 1) {
                append(dead, 1, start(dead), new Frame.TextStart(part));
            } else {
                append(dead, 1, new Frame.TextStart(part), new Frame.TextEnd(part));
            }
            expire(dead);
            reaper.reap();
        }
        assertEquals(
                "{\"type\":\"data-relay-superseded\",\"data\":{\"parts\":[\"a2t1\"],\"attempt\":2},\"transient\":true}",
                frames(chat).getLast());
    }

    @Test
    void theThirdDeathIsAVisibleFailure() {
        UUID chat = chat();
        Run posted = post(chat, "m1");
        Run waiting = post(chat, "m2");
        for (int attempt = 1; attempt <= 3; attempt++) {
            ClaimedRun dead = claimOne();
            assertEquals(attempt, dead.attempt());
            queue.renew(call(dead));
            expire(dead);
            reaper.reap();
        }
        assertEquals("failed", state(posted.id()));
        List<String> frames = frames(chat);
        assertEquals(
                "{\"type\":\"start\",\"messageId\":\"" + posted.answerId() + "\"}", frames.get(2));
        assertEquals(
                "{\"type\":\"data-relay-failure\",\"data\":{\"code\":\"worker_lost\",\"retryable\":true},\"transient\":true}",
                frames.get(3));
        assertTrue(frames.get(4).startsWith("{\"type\":\"error\""));
        assertEquals(
                "failed",
                sql(
                        "select metadata->>'state' from message where id = '"
                                + posted.answerId()
                                + "'"));
        assertEquals("ready", state(waiting.id()), "the chat goes on");
        assertEquals("m2", claimOne().messageId());
    }

    @Test
    void anOfferThatNobodyTookGivesItsAttemptBack() {
        UUID chat = chat();
        post(chat, "m1");
        for (int i = 0; i < 5; i++) {
            ClaimedRun offered = claimOne();
            assertEquals(1, offered.attempt());
            assertEquals(
                    "10",
                    sql(
                            "select round(extract(epoch from lease_until - now())) from run where id = "
                                    + offered.runId()));
            expire(offered);
            reaper.reap();
        }
        assertEquals(1, frames(chat).size(), "nothing was written");
    }

    @Test
    void aRunEndsAtItsDeadlineEvenWhenItsLeaseIsRenewed() {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun run = claimOne();
        append(run, 1, start(run), new Frame.TextStart("a1t1"));
        sql("update run set deadline_at = now() - interval '1 s' where id = " + run.runId());

        reaper.reap();

        assertEquals("failed", state(run.runId()));
        assertEquals("deadline", sql("select failure_code from run where id = " + run.runId()));
        assertEquals(leaseLost(), outcome(() -> append(run, 2, new Frame.StartStep())));
        assertTrue(frames(chat).get(3).contains("text-end"));
    }

    @Test
    void aRunThatIsReadyAgainKeepsItsDeadline() {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun run = claimOne();
        queue.release(call(run));
        assertEquals("ready", state(run.runId()));
        sql("update run set deadline_at = now() - interval '1 s' where id = " + run.runId());

        reaper.reap();

        assertEquals("failed", state(run.runId()));
        assertEquals("deadline", sql("select failure_code from run where id = " + run.runId()));
    }

    @Test
    void nothingWaitsForEver() {
        UUID chat = chat();
        Run run = post(chat, "m1");
        sql("update run set ready_at = now() - interval '23 h' where id = " + run.id());
        reaper.reap();
        assertEquals("ready", state(run.id()));
        sql("update run set ready_at = now() - interval '25 h' where id = " + run.id());
        reaper.reap();
        assertEquals("failed", state(run.id()));
        assertEquals("expired", sql("select failure_code from run where id = " + run.id()));
    }

    @Test
    void whoRenewsIsLeftAlone() {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun run = claimOne();
        append(run, 1, start(run));
        assertEquals(0, reaper.reap());
        complete(run, 2, FINISH);
        assertEquals(0, reaper.reap());
        assertNull(turns.inFlight(workspace, chat));
    }
}
