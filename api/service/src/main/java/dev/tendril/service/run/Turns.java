package dev.tendril.service.run;

import dev.tendril.contract.chat.RunStatus;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.EventLog;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The queue as visitors see it: turns of a stream, one after the other.
@Singleton
public final class Turns {

    private static final String SERIALIZATION_FAILURE = "40001";

    /// Places beyond this one are told as this one.
    private static final int FARTHEST = 1_000;

    private final Transactions transactions;
    private final RunStore store;
    private final TurnStore together;
    private final FrameStore frames;
    private final RunEnd ending;
    private final EventLog log;

    Turns(
            Transactions transactions,
            RunStore store,
            TurnStore together,
            FrameStore frames,
            RunEnd ending,
            EventLog log) {
        this.transactions = transactions;
        this.store = store;
        this.together = together;
        this.frames = frames;
        this.ending = ending;
        this.log = log;
    }

    /// Queues a turn. The caller holds the stream's lock.
    public Run enqueue(Tx tx, NewRun run) throws SQLException {
        Run stored = store.enqueue(tx, run, newAnswerId());
        ending.tellReady(tx, stored);
        return stored;
    }

    /// Queues turns of different streams. The caller holds the streams' locks.
    public List<Run> enqueue(Tx tx, List<NewRun> runs) throws SQLException {
        List<String> answerIds = runs.stream().map(_ -> newAnswerId()).toList();
        List<Run> stored = together.enqueue(tx, runs, answerIds);
        stored.forEach(run -> ending.tellReady(tx, run));
        return stored;
    }

    /// Asks where new turns stand. Of several heads of a workspace the first alone is counted: the
    /// others come right behind it. Sent with the commit.
    ///
    /// @param then is told the positions of those that were counted, by run
    public void positions(Tx tx, Collection<Run> runs, BiConsumer<Long, Integer> then) {
        Set<UUID> counted = new HashSet<>();
        for (Run run : inOrder(runs)) {
            if (run.state() != RunState.READY || counted.add(run.workspaceId())) {
                together.position(tx, run, then);
            }
        }
    }

    /// Where new turns stand, by stream.
    ///
    /// @param positions as [#positions] told them
    public Map<UUID, RunStatus> statuses(Collection<Run> runs, Map<Long, Integer> positions) {
        Map<UUID, Integer> next = new HashMap<>();
        Map<UUID, RunStatus> statuses = new HashMap<>();
        for (Run run : inOrder(runs)) {
            Integer behind = next.getOrDefault(run.workspaceId(), 1);
            int position = positions.getOrDefault(run.id(), behind);
            if (run.state() == RunState.READY) {
                next.put(run.workspaceId(), Math.min(position + 1, FARTHEST));
            }
            statuses.put(
                    run.streamId(),
                    new RunStatus(
                            run.answerId(),
                            run.messageId(),
                            run.state().wire(),
                            position,
                            run.attempt()));
        }
        return statuses;
    }

    private static List<Run> inOrder(Collection<Run> runs) {
        return runs.stream().sorted(Comparator.comparingLong(Run::id)).toList();
    }

    /// The turn that answers a message; null when there is none.
    public @Nullable Run ofMessage(Tx tx, UUID workspaceId, UUID streamId, String messageId)
            throws SQLException {
        return store.ofMessage(tx, workspaceId, streamId, messageId);
    }

    /// Turns that have not ended, the head first.
    public List<Run> live(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return store.live(tx, workspaceId, streamId);
    }

    /// The head of the stream, else its last turn; null in an empty stream.
    public @Nullable Run current(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        List<Run> live = store.live(tx, workspaceId, streamId);
        return live.isEmpty() ? store.last(tx, workspaceId, streamId) : live.getFirst();
    }

    /// Where a turn stands.
    public RunStatus status(Tx tx, Run run) throws SQLException {
        int position =
                switch (run.state()) {
                    case WAITING, READY -> together.position(tx, run);
                    case RUNNING, DONE, FAILED, CANCELLED -> 0;
                };
        return new RunStatus(
                run.answerId(), run.messageId(), run.state().wire(), position, run.attempt());
    }

    /// Heads of these streams that are ready or running.
    public List<HeadStatus> heads(UUID workspaceId, Collection<UUID> streams) {
        return transactions.read(tx -> together.heads(tx, workspaceId, streams));
    }

    /// The turn in flight: the head, or what waits to become it; null when the stream is idle.
    public @Nullable Run inFlight(UUID workspaceId, UUID streamId) {
        return transactions.read(tx -> {
            List<Run> live = store.live(tx, workspaceId, streamId);
            return live.isEmpty() ? null : live.getFirst();
        });
    }

    /// Ends the running turn and all that wait behind it.
    ///
    /// @return how many
    public int stop(UUID workspaceId, UUID streamId) {
        return transactions.write(tx -> cancel(tx, workspaceId, streamId, _ -> true));
    }

    /// Ends those turns of a stream that have not ended and are meant.
    ///
    /// @return how many
    int cancel(Tx tx, UUID workspaceId, UUID streamId, Predicate<Run> meant) throws SQLException {
        Long head = store.lockHead(tx, workspaceId, streamId);
        if (log.lock(tx, workspaceId, streamId) == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        List<Run> live = store.live(tx, workspaceId, streamId);
        if (!Objects.equals(head, headOf(live))) {
            // The head ended while its lock was awaited. Its successor's row must be
            // locked before the stream's: once more from the beginning.
            throw new SQLException("the head changed", SERIALIZATION_FAILURE);
        }
        int stopped = 0;
        for (Run run : live) {
            Run cancelled = meant.test(run) ? store.cancel(tx, run) : null;
            if (cancelled != null) {
                ending.cancelled(tx, cancelled);
                stopped++;
            }
        }
        return stopped;
    }

    /// Queues the last turn again, if it failed or was stopped.
    public Run retry(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return retry(tx, workspaceId, streamId, null);
    }

    /// @param runId the last turn must be this one; null: any
    Run retry(Tx tx, UUID workspaceId, UUID streamId, @Nullable Long runId) throws SQLException {
        Long lastSeq = log.lock(tx, workspaceId, streamId);
        if (lastSeq == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        Run last = store.last(tx, workspaceId, streamId);
        boolean meant = last != null && (runId == null || runId == last.id());
        Run again = last == null || !meant ? null : store.retry(tx, last, newAnswerId(), lastSeq);
        if (again == null) {
            throw new ProblemException(ErrorCode.CONFLICT, "There is no failed turn to retry.");
        }
        frames.dropCheckpoints(tx, again);
        ending.tellReady(tx, again);
        return again;
    }

    private static @Nullable Long headOf(List<Run> live) {
        return live.isEmpty() || live.getFirst().state() == RunState.WAITING
                ? null
                : (Long) live.getFirst().id();
    }

    private static String newAnswerId() {
        return UUID.randomUUID().toString();
    }
}
