package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Failure 22: a cancel races with complete, reap and promote. Each order is forced by locks that
/// the test holds until both are where it wants them; each ends in one terminal state, told once.
@SuppressWarnings("NullAway.Init") // set before each test
@MicronautTest(transactional = false)
final class Failure22CancelRaceTest extends QueueTest {

    private UUID chat;
    private Run first;
    private Run second;
    private ClaimedRun held;

    @BeforeEach
    void oneRunsAndOneWaits() {
        chat = chat();
        first = post(chat, "m1");
        second = post(chat, "m2");
        held = claimOne();
        append(held, 1, start(held), new Frame.TextStart("a1t1"));
    }

    /// @param cancelled how many runs the cancel ended
    /// @param completed how the complete was answered
    private record Ended(int cancelled, String completed) {}

    /// Both wait at the barrier, one behind the other, before it opens.
    private Ended race(Connection held, boolean cancelFirst) throws SQLException {
        CompletableFuture<Integer> cancel;
        CompletableFuture<String> complete;
        try (Connection barrier = held) {
            if (cancelFirst) {
                cancel = cancelling();
                awaitBlocked(1);
                complete = completing();
            } else {
                complete = completing();
                awaitBlocked(1);
                cancel = cancelling();
            }
            awaitBlocked(2);
            barrier.commit();
        }
        return new Ended(cancel.join(), complete.join());
    }

    @Test
    void cancelBeforeComplete() throws SQLException {
        assertEquals(new Ended(2, leaseLost()), race(lockRun(), true));
        assertEnds("cancelled", "cancelled");
    }

    @Test
    void completeBeforeCancel() throws SQLException {
        assertEquals(new Ended(1, "ok"), race(lockRun(), false));
        assertEnds("done", "cancelled");
    }

    /// The complete has ended its run and is about to promote the next, when the cancel waits for
    /// the run that it saw at the head.
    @Test
    void cancelWhileCompletePromotes() throws SQLException {
        assertEquals(new Ended(1, "ok"), race(lockStream(), false));
        assertEnds("done", "cancelled");
    }

    @Test
    void completeWhileCancelWaitsForTheStream() throws SQLException {
        assertEquals(new Ended(2, leaseLost()), race(lockStream(), true));
        assertEnds("cancelled", "cancelled");
    }

    @Test
    void cancelWhileTheReaperPutsBack() throws SQLException {
        expire(held);
        CompletableFuture<Integer> cancel;
        CompletableFuture<Integer> reap;
        try (Connection barrier = lockStream()) {
            reap = async(reaper::reap);
            awaitBlocked(1);
            cancel = cancelling();
            awaitBlocked(2);
            barrier.commit();
        }
        reap.join();
        assertEquals(2, cancel.join());
        assertEnds("cancelled", "cancelled");
    }

    @Test
    void theReaperPassesWhatIsBeingCancelled() throws SQLException {
        expire(held);
        CompletableFuture<Integer> cancel;
        try (Connection barrier = lockStream()) {
            cancel = cancelling();
            awaitBlocked(1);
            assertEquals(0, async(reaper::reap).join(), "it does not wait for a locked run");
            barrier.commit();
        }
        assertEquals(2, cancel.join());
        assertEquals(0, reaper.reap());
        assertEnds("cancelled", "cancelled");
    }

    private CompletableFuture<Integer> cancelling() {
        return async(() -> turns.stop(workspace, chat));
    }

    private CompletableFuture<String> completing() {
        return async(() -> outcome(() -> complete(held, 2, new Frame.TextEnd("a1t1"), FINISH)));
    }

    private Connection lockRun() throws SQLException {
        Connection barrier = begin();
        execute(barrier, "select from run where id = %d for update".formatted(first.id()));
        return barrier;
    }

    private Connection lockStream() throws SQLException {
        Connection barrier = begin();
        execute(barrier, "select from stream where id = '%s' for update".formatted(chat));
        return barrier;
    }

    private void assertEnds(String ofFirst, String ofSecond) {
        assertEquals(ofFirst, state(first.id()));
        assertEquals(ofSecond, state(second.id()));
        assertEquals(
                "2 2",
                sql(
                        """
                        select count(*) || ' ' || count(distinct run_id) from event
                         where stream_id = '%s' and kind in ('done', 'failed', 'cancelled')
                        """
                                .formatted(chat)),
                "each end is told once");
        assertEquals(
                "2",
                sql(
                        "select count(*) from message where role = 'assistant' and chat_id = '"
                                + chat
                                + "'"));
        frames(chat);
        assertEquals(0, claim(5).size());
    }
}
