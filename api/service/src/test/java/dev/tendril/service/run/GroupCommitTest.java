package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.database.Gathering;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.Signals;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/// Batches of many runs in one transaction.
@MicronautTest(transactional = false)
final class GroupCommitTest extends QueueTest {

    private static final int RUNS = 32;
    private static final int BATCHES = 20;

    @Inject FrameStore frameStore;
    @Inject Signals signals;

    @Test
    void manyWritersGetTheirOwnOutcomesInFewTransactions() {
        long seed = Long.getLong("tendril.seed", System.nanoTime());
        System.out.println("group commit: -Dtendril.seed=" + seed);
        List<ClaimedRun> runs = claimed(RUNS);
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (ClaimedRun run : runs) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ run.runId());
            writers.add(
                    async(() -> {
                        write(run, random);
                        return null;
                    }));
        }
        writers.forEach(CompletableFuture::join);
        for (ClaimedRun run : runs) {
            assertEquals(expected(run), answerFrames(run));
        }
        int transactions =
                Integer.parseInt(
                        sql(
                                "select count(distinct xmin::text) from event where kind = 'frames'"
                                        + " and workspace_id = '"
                                        + workspace
                                        + "'"));
        System.out.println(RUNS * BATCHES + " batches in " + transactions + " transactions");
        assertTrue(transactions < RUNS * BATCHES / 2, "grouped: " + transactions);
    }

    @Test
    void aRunThatSomebodyHoldsDelaysNobodyElse() throws SQLException {
        List<ClaimedRun> runs = claimed(3);
        ClaimedRun held = runs.get(0);
        ClaimedRun busyStream = runs.get(1);
        ClaimedRun free = runs.get(2);
        CompletableFuture<Appended> first;
        CompletableFuture<Appended> second;
        try (Connection holder = begin()) {
            execute(holder, "select 1 from run where id = " + held.runId() + " for update");
            execute(
                    holder,
                    "select 1 from stream where id = '" + busyStream.chatId() + "' for update");
            first = async(() -> append(held, 1, start(held)));
            second = async(() -> append(busyStream, 1, start(busyStream)));
            awaitBlocked(2);
            for (int batch = 1; batch <= 10; batch++) {
                append(free, batch, batch == 1 ? start(free) : new Frame.StartStep());
            }
            assertFalse(first.isDone());
            assertFalse(second.isDone());
            holder.rollback();
        }
        assertEquals(2, first.join().lastSeq());
        assertEquals(2, second.join().lastSeq());
    }

    @Test
    void whatDoesNotFitIsRefusedAloneWhileItsNeighboursAreStored() {
        List<ClaimedRun> runs = claimed(6);
        runs.forEach(run -> append(run, 1, start(run)));
        ClaimedRun fenced = runs.get(1);
        ClaimedRun stopped = runs.get(2);
        turns.stop(workspace, stopped.chatId());
        var stale = new LeasedCall(workspace, worker, fenced.runId(), UUID.randomUUID());
        List<CompletableFuture<String>> outcomes =
                List.of(
                        async(() -> outcome(() -> append(runs.get(0), 2, new Frame.StartStep()))),
                        async(() ->
                                outcome(() ->
                                        writer.append(
                                                stale,
                                                new AppendFrames(
                                                        stale.token(),
                                                        2,
                                                        List.of(new Frame.StartStep()),
                                                        null)))),
                        async(() -> outcome(() -> append(stopped, 2, new Frame.StartStep()))),
                        async(() -> outcome(() -> append(runs.get(3), 9, new Frame.StartStep()))),
                        async(() -> outcome(() -> append(runs.get(4), 2, start(runs.get(4))))),
                        async(() ->
                                Boolean.toString(
                                        append(runs.get(5), 1, start(runs.get(5))).duplicate())));
        assertEquals(
                List.of("ok", "lease_lost", "lease_lost", "batch_gap", "invalid_request", "true"),
                outcomes.stream().map(CompletableFuture::join).toList());
        assertEquals(2, frames(fenced.chatId()).size());
        assertEquals(2, frames(runs.get(5).chatId()).size());
    }

    @Test
    void killedBackendsLoseNothingAndRepeatNothing() {
        List<ClaimedRun> runs = claimed(16);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger failures = new AtomicInteger();
        var killer =
                async(() -> {
                    int killed = 0;
                    while (!over.get() && killed < 12) {
                        killed +=
                                Integer.parseInt(
                                        sql(
                                                """
                                                select count(pg_terminate_backend(pid)) from pg_stat_activity
                                                 where datname = current_database() and pid <> pg_backend_pid() and query like '%unnest%' and state <> 'idle'
                                                """));
                        LockSupport.parkNanos(3_000_000);
                    }
                    return killed;
                });
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (ClaimedRun run : runs) {
            writers.add(
                    async(() -> {
                        for (int batch = 1; batch <= BATCHES; batch++) {
                            untilAnswered(run, batch, failures);
                        }
                        return null;
                    }));
        }
        writers.forEach(CompletableFuture::join);
        over.set(true);
        System.out.println("killed " + killer.join() + " backends, calls that failed: " + failures);
        for (ClaimedRun run : runs) {
            assertEquals(expected(run), answerFrames(run));
        }
    }

    @Test
    void aFullHouseAndALateAnswerAreUnavailableAndChangeNothing() throws SQLException {
        List<ClaimedRun> runs = claimed(4);
        var groups =
                new GroupCommit(
                        transactions,
                        frameStore,
                        signals,
                        new Gathering.Limits(1, 2, 1000, 1, 1000, Duration.ofMillis(700), false));
        try (Connection holder = begin()) {
            execute(holder, "lock table event in exclusive mode");
            var committing =
                    async(() ->
                            outcome(() -> groups.append(call(runs.get(0)), 1, lines(runs.get(0)))));
            awaitBlocked(1);
            var waiting =
                    async(() ->
                            outcome(() -> groups.append(call(runs.get(1)), 1, lines(runs.get(1)))));
            var waitingToo =
                    async(() ->
                            outcome(() -> groups.append(call(runs.get(2)), 1, lines(runs.get(2)))));
            await(
                    "a full house",
                    () ->
                            outcome(() -> groups.append(call(runs.get(3)), 1, lines(runs.get(3))))
                                    .equals("unavailable"));
            assertEquals("unavailable", committing.join());
            assertEquals("unavailable", waiting.join());
            assertEquals("unavailable", waitingToo.join());
            holder.rollback();
        }
        // The one under way is stored all the same; those that only waited are not.
        await("the first", () -> frames(runs.get(0).chatId()).size() == 2);
        assertEquals(1, frames(runs.get(1).chatId()).size());
        var stored = groups.append(call(runs.get(1)), 1, lines(runs.get(1)));
        assertEquals(2, stored == null ? 0 : stored.lastSeq());
        assertNull(
                groups.append(call(runs.get(0)), 1, lines(runs.get(0))),
                "a repetition is left out");
    }

    @Test
    void theRelayAsksForPatienceOnlyWhileAppendsAreSlow() {
        Pace pace = new Pace();
        assertEquals(40, pace.minFlushMs());
        for (int i = 0; i < 60; i++) {
            pace.took(Duration.ofMillis(105).toNanos());
        }
        assertEquals(150, pace.minFlushMs(), 2);
        for (int i = 0; i < 60; i++) {
            pace.took(Duration.ofSeconds(2).toNanos());
        }
        assertEquals(500, pace.minFlushMs());
        for (int i = 0; i < 60; i++) {
            pace.took(Duration.ofMillis(5).toNanos());
        }
        assertEquals(40, pace.minFlushMs());
    }

    /// Twenty batches, with repetitions, batches that come too early and stale leases between them.
    private void write(ClaimedRun run, RandomGenerator random) {
        for (int batch = 1; batch <= BATCHES; batch++) {
            switch (random.nextInt(8)) {
                case 0 -> assertEquals("batch_gap", early(run, batch + 1));
                case 1 -> {
                    var stale = new LeasedCall(workspace, worker, run.runId(), UUID.randomUUID());
                    assertEquals(leaseLost(), outcome(() -> writer.append(stale, body(run, 1))));
                }
                default -> {}
            }
            Appended stored = writer.append(call(run), body(run, batch));
            assertFalse(stored.duplicate());
            assertEquals(1 + 2L * batch, stored.lastSeq());
            if (random.nextInt(4) == 0) {
                Appended again = writer.append(call(run), body(run, batch));
                assertTrue(again.duplicate());
                assertEquals(stored.lastSeq(), again.lastSeq());
            }
        }
    }

    private String early(ClaimedRun run, int batch) {
        return outcome(() -> writer.append(call(run), body(run, batch)));
    }

    private void untilAnswered(ClaimedRun run, int batch, AtomicInteger failures) {
        while (true) {
            try {
                writer.append(call(run), body(run, batch));
                return;
            } catch (ProblemException e) {
                assertEquals("unavailable", e.code().wire());
                failures.incrementAndGet();
            } catch (RuntimeException _) {
                // A killed backend has many names on its way up: outcome unknown, so once more.
                failures.incrementAndGet();
            }
        }
    }

    private List<ClaimedRun> claimed(int count) {
        for (int i = 0; i < count; i++) {
            post(chat(), "m1");
        }
        List<ClaimedRun> runs = claim(count);
        assertEquals(count, runs.size());
        return runs;
    }

    /// Two frames: their number tells which.
    private static AppendFrames body(ClaimedRun run, int batch) {
        Frame first =
                batch == 1
                        ? new Frame.Start(run.answerId(), null)
                        : new Frame.TextDelta("t", "first " + batch);
        return new AppendFrames(
                run.leaseToken(),
                batch,
                List.of(first, new Frame.TextDelta("t", "second " + batch)),
                null);
    }

    private FrameStore.Lines lines(ClaimedRun run) {
        return new FrameStore.Lines(1, codec.lines(List.of(start(run))), run.answerId());
    }

    private List<String> expected(ClaimedRun run) {
        List<String> expected = new ArrayList<>();
        for (int batch = 1; batch <= BATCHES; batch++) {
            expected.addAll(List.of(codec.lines(body(run, batch).frames()).split("\n")));
        }
        return expected;
    }

    private List<String> answerFrames(ClaimedRun run) {
        List<String> frames = frames(run.chatId());
        return frames.subList(1, frames.size());
    }
}
