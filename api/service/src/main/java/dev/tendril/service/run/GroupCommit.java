package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import io.micronaut.data.exceptions.DataAccessException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Commits batches of different runs together: a commit costs a flush of the disk, however much
/// stands in it.
///
/// While one transaction is under way the next group gathers, so nothing waits for a timer and a
/// call that comes alone goes at once. The statement waits for no lock: a batch whose run or stream
/// somebody holds, and one that does not fit (repeated, too early, fenced), is left out, and its
/// caller judges it alone. So one call can neither fail nor delay its neighbours.
@Singleton
final class GroupCommit {

    private final Transactions transactions;
    private final FrameStore store;
    private final Signals signals;
    private final Limits limits;
    private final Deque<Call> waiting = new ArrayDeque<>();
    private long waitingCharacters;
    private boolean busy;

    @Inject
    GroupCommit(Transactions transactions, FrameStore store, Signals signals) {
        this(transactions, store, signals, Limits.PRODUCT);
    }

    GroupCommit(Transactions transactions, FrameStore store, Signals signals, Limits limits) {
        this.transactions = transactions;
        this.store = store;
        this.signals = signals;
        this.limits = limits;
    }

    /// Stores a batch without a checkpoint; readers hear of it after the commit.
    ///
    /// @return null when it was left out: nothing changed, the caller judges it alone
    /// @throws ProblemException `unavailable`: too many calls wait, or this one found no answer in
    ///   time. In the latter case it may have been stored; repeating it is safe
    FrameStore.@Nullable Appended append(LeasedCall lease, int batch, FrameStore.Lines lines) {
        Call call = new Call(new FrameStore.Batch(lease, batch, lines));
        enter(call);
        try {
            return call.answer.get(limits.deadline().toMillis(), TimeUnit.MILLISECONDS).stored();
        } catch (TimeoutException _) {
            forget(call);
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        } catch (InterruptedException _) {
            forget(call);
            Thread.currentThread().interrupt();
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private synchronized void enter(Call call) {
        if (waiting.size() >= limits.calls()
                || !waiting.isEmpty()
                        && waitingCharacters + call.characters() > limits.characters()) {
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        }
        waiting.add(call);
        waitingCharacters += call.characters();
        if (!busy) {
            busy = true;
            Thread.ofVirtual().name("group-commit").start(this::commitAll);
        }
    }

    private synchronized void forget(Call call) {
        if (waiting.remove(call)) {
            waitingCharacters -= call.characters();
        }
    }

    private void commitAll() {
        for (List<Call> group = next(); !group.isEmpty(); group = next()) {
            commit(group);
        }
    }

    /// The oldest calls, at most one per run.
    private synchronized List<Call> next() {
        List<Call> group = new ArrayList<>();
        Set<Long> runs = new HashSet<>();
        long characters = 0;
        var calls = waiting.iterator();
        while (calls.hasNext() && group.size() < limits.group()) {
            Call call = calls.next();
            if (!group.isEmpty() && characters + call.characters() > limits.groupCharacters()) {
                break;
            }
            if (runs.add(call.batch.call().runId())) {
                calls.remove();
                group.add(call);
                characters += call.characters();
                waitingCharacters -= call.characters();
            }
        }
        busy = !group.isEmpty();
        return group;
    }

    private void commit(List<Call> group) {
        try {
            Map<Long, FrameStore.Appended> stored =
                    transactions.write(tx -> {
                        Map<Long, FrameStore.Appended> rows = new HashMap<>();
                        for (var row :
                                store.appendAll(tx, group.stream().map(Call::batch).toList())) {
                            rows.put(row.runId(), row);
                            tx.afterCommit(
                                    () -> signals.ring(Hint.stream(row.streamId(), row.lastSeq())));
                        }
                        return rows;
                    });
            group.forEach(call ->
                    call.answer.complete(new Outcome(stored.get(call.batch.call().runId()))));
        } catch (DataAccessException e) {
            if (ofOneCall(e)) {
                group.forEach(call -> call.answer.complete(new Outcome(null)));
            } else {
                group.forEach(call -> call.answer.completeExceptionally(e));
            }
        } catch (RuntimeException | Error e) {
            group.forEach(call -> call.answer.completeExceptionally(e));
        }
    }

    /// Whether what one of the calls carries may be the cause: data (22) or a constraint (23).
    /// Nothing of the group is stored then, and each call is tried alone.
    private static boolean ofOneCall(DataAccessException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }

    /// Bounds; characters are those of the frames' lines.
    ///
    /// @param calls that may wait
    /// @param characters that may wait
    /// @param group calls in one transaction
    /// @param groupCharacters in one transaction, unless a single call has more
    /// @param deadline for an answer
    record Limits(int calls, long characters, int group, long groupCharacters, Duration deadline) {
        static final Limits PRODUCT =
                new Limits(2_000, 16L << 20, 128, 1L << 20, Duration.ofSeconds(10));
    }

    private record Outcome(FrameStore.@Nullable Appended stored) {}

    private static final class Call {
        private final FrameStore.Batch batch;
        private final CompletableFuture<Outcome> answer = new CompletableFuture<>();

        Call(FrameStore.Batch batch) {
            this.batch = batch;
        }

        FrameStore.Batch batch() {
            return batch;
        }

        int characters() {
            return batch.lines().text().length();
        }
    }
}
