package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.stream.EventKind;
import dev.tendril.service.stream.Origin;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Four ways in which a queue on PostgreSQL goes wrong unseen, each forced to happen: they are
/// drawn in the package's documentation.
@MicronautTest(transactional = false)
final class TrapsTest extends QueueTest {

    @Test
    void aMessageThatIsStoredWhileItsPredecessorEndsIsPromoted() throws SQLException {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun run = claimOne();
        CompletableFuture<?> completing;
        try (var visitor = begin()) {
            execute(visitor, "select from stream where id = '%s' for update".formatted(chat));
            completing = async(() -> complete(run, 1, start(run), FINISH));
            awaitBlocked(1);
            // The predecessor is done but not committed, so this message sees it running and waits.
            execute(
                    visitor,
                    """
                    insert into run (workspace_id, stream_id, kind, pool, state, ordinal, message_id, answer_id, accepted_seq)
                    values ('%s', '%s', 'chat', 'chat', 'waiting', 2, 'm2', 'a2', 1)
                    """
                            .formatted(workspace, chat));
            visitor.commit();
        }
        completing.join();

        assertEquals(
                "ready",
                sql(
                        "select state from run where message_id = 'm2' and stream_id = '"
                                + chat
                                + "'"));
    }

    @Test
    void aBatchAfterTheEndIsNotCalledARepetition() {
        post(chat(), "m1");
        ClaimedRun run = claimOne();
        append(run, 1, start(run));
        complete(run, 2, FINISH);

        assertTrue(complete(run, 2, FINISH).duplicate());
        assertTrue(append(run, 1, start(run)).duplicate());
        assertEquals(leaseLost(), outcome(() -> append(run, 3, new Frame.StartStep())));
    }

    @Test
    void theSweepFindsWhatWasStrandedAnyway() {
        UUID chat = chat();
        Run first = post(chat, "m1");
        Run second = post(chat, "m2");
        sql("update run set state = 'cancelled', ended_at = now() where id = " + first.id());

        assertTrue(reaper.reap() >= 1);

        assertEquals("ready", state(second.id()));
        assertEquals(0, reaper.reap());
    }

    @Test
    void aWriteThatWaitsForTheRowIsRefusedWhenTheLeaseIsGone() throws SQLException {
        UUID chat = chat();
        post(chat, "m1");
        var run = claimOne();
        append(run, 1, start(run));
        List<CompletableFuture<String>> stale = new ArrayList<>();
        try (var reaping = begin()) {
            execute(
                    reaping,
                    """
                    update run set state = 'ready', fence = fence + 1, lease_token = null, lease_until = null
                     where id = %d
                    """
                            .formatted(run.runId()));
            stale.add(async(() -> outcome(() -> append(run, 2, new Frame.StartStep()))));
            stale.add(async(() -> outcome(() -> complete(run, 2, FINISH))));
            stale.add(async(() -> outcome(() -> queue.renew(call(run)))));
            stale.add(async(() -> outcome(() -> queue.release(call(run)))));
            awaitBlocked(4);
            reaping.commit();
        }
        for (CompletableFuture<String> write : stale) {
            assertEquals(leaseLost(), write.join());
        }
        assertEquals(2, frames(chat).size());
        assertEquals("ready", state(run.runId()));
    }

    @Test
    void aReaderMissesNothingThatCommitsLate() throws InterruptedException {
        UUID chat = chat();
        int writers = 8;
        int each = 30;
        List<Long> seen = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread reader =
                Thread.ofVirtual()
                        .start(() -> {
                            boolean last = false;
                            while (!last) {
                                last = over.get();
                                long after = seen.isEmpty() ? 0 : seen.getLast();
                                for (var batch : log.after(workspace, chat, after, 1 << 20)) {
                                    for (long s = batch.firstSeq(); s <= batch.lastSeq(); s++) {
                                        seen.add(s);
                                    }
                                }
                            }
                        });
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int writer = w;
            all.add(async(() -> write(chat, writer, each)));
        }
        int written = all.stream().mapToInt(CompletableFuture::join).sum();
        over.set(true);
        reader.join();

        assertEquals(written, seen.size());
        for (int i = 0; i < seen.size(); i++) {
            assertEquals(i + 1, seen.get(i));
        }
    }

    /// Every third transaction rolls back behind its append.
    private int write(UUID chat, int writer, int count) {
        int written = 0;
        for (int i = 0; i < count; i++) {
            boolean fails = (writer + i) % 3 == 0;
            int frames = 1 + i % 3;
            try {
                transactions.write(tx -> {
                    log.append(
                            tx,
                            workspace,
                            chat,
                            EventKind.FRAMES,
                            new Origin(null, null, null),
                            Collections.nCopies(frames, new Frame.StartStep()));
                    if (fails) {
                        throw new IllegalStateException("rolled back");
                    }
                    return frames;
                });
                written += frames;
            } catch (IllegalStateException e) {
                assertTrue(fails, e.toString());
            }
        }
        return written;
    }

    @Test
    void twoHoldersOfOneNumberAreToldApart() {
        UUID chat = chat();
        post(chat, "m1");
        var forgotten = claimOne();
        // What a lost commit leaves: the row as it was before the claim.
        sql(
                """
                update run set state = 'ready', attempt = 0, fence = 0, lease_token = null, lease_until = null
                 where id = %d
                """
                        .formatted(forgotten.runId()));
        var holder = claimOne();
        assertEquals(forgotten.fence(), holder.fence());

        assertEquals(leaseLost(), outcome(() -> append(forgotten, 1, start(forgotten))));
        append(holder, 1, start(holder));
        assertEquals(leaseLost(), outcome(() -> complete(forgotten, 2, FINISH)));
        complete(holder, 2, FINISH);
        assertEquals(3, frames(chat).size());
    }
}
