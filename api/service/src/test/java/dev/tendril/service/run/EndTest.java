package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.FailRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What the calls that end runs are answered.
@MicronautTest(transactional = false)
final class EndTest extends QueueTest {

    @Test
    void anEndWithAnOldNumberIsNoRepetitionWhileTheRunIsRunning() {
        post(chat(), "m1");
        ClaimedRun run = claimOne();
        append(run, 1, start(run));
        assertEquals("batch_gap", outcome(() -> complete(run, 1, FINISH)));
        assertEquals("running", state(run.runId()));
        Appended ended = complete(run, 2, FINISH);
        assertFalse(ended.duplicate());
        Appended again = complete(run, 2, FINISH);
        assertTrue(again.duplicate());
        assertEquals(ended.lastSeq(), again.lastSeq());
    }

    @Test
    void whoseChatWasDeletedHasLostItsLease() {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun run = claimOne();
        append(run, 1, start(run));
        sql("delete from event where stream_id = '" + chat + "'");
        sql("delete from run where stream_id = '" + chat + "'");
        assertEquals(leaseLost(), outcome(() -> append(run, 2, new Frame.StartStep())));
        assertEquals(leaseLost(), outcome(() -> complete(run, 2, FINISH)));
        assertEquals(leaseLost(), outcome(() -> queue.release(call(run))));
        assertEquals(leaseLost(), outcome(() -> queue.renew(call(run))));
        var failure = new FailRun(run.leaseToken(), "model_failed", "No.", true);
        assertEquals(leaseLost(), outcome(() -> queue.fail(call(run), failure)));
    }

    @Test
    void endsOfManyStreamsShareTransactionsAndMakeTheNextTurnsReady() {
        int chats = 24;
        List<Run> next = new ArrayList<>();
        for (int i = 0; i < chats; i++) {
            UUID chat = chat();
            post(chat, "m1");
            next.add(post(chat, "m2"));
        }
        List<ClaimedRun> runs = claim(chats);
        List<CompletableFuture<Appended>> ends = new ArrayList<>();
        for (int i = 0; i < chats; i++) {
            ClaimedRun run = runs.get(i);
            if (i % 2 == 0) {
                append(run, 1, start(run));
            }
        }
        for (int i = 0; i < chats; i++) {
            ClaimedRun run = runs.get(i);
            boolean opened = i % 2 == 0;
            ends.add(
                    async(() ->
                            opened
                                    ? complete(run, 2, FINISH)
                                    : complete(run, 1, start(run), FINISH)));
        }
        ends.forEach(end -> assertFalse(end.join().duplicate()));
        next.forEach(run -> assertEquals("ready", state(run.id())));
        runs.forEach(run -> {
            assertEquals("done", state(run.runId()));
            assertEquals(
                    "assistant",
                    sql(
                            "select role from message where chat_id = '%s' and id = '%s'"
                                    .formatted(run.chatId(), run.answerId())));
        });
        int transactions =
                Integer.parseInt(
                        sql(
                                "select count(distinct xmin::text) from event where kind = 'done' and workspace_id = '"
                                        + workspace
                                        + "'"));
        System.out.println(chats + " ends in " + transactions + " transactions");
        assertTrue(transactions < chats, "grouped: " + transactions);
    }
}
