package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The queue as its operator sees it. Works beside running relays and tells them; each change
/// leaves an audit entry.
@Singleton
public final class Operator {

    private final Transactions transactions;
    private final OperatorStore store;
    private final TraceStore traces;
    private final RunStore runs;
    private final Turns turns;
    private final Signals signals;

    Operator(
            Transactions transactions,
            OperatorStore store,
            TraceStore traces,
            RunStore runs,
            Turns turns,
            Signals signals) {
        this.transactions = transactions;
        this.store = store;
        this.traces = traces;
        this.runs = runs;
        this.turns = turns;
        this.signals = signals;
    }

    /// A workspace's runs, the latest first.
    ///
    /// @param failed only those
    /// @param most at most so many
    public List<ListedRun> list(UUID workspaceId, boolean failed, int most) {
        return transactions.read(tx -> store.list(tx, workspaceId, failed, null, most));
    }

    /// One run; null when the workspace has none of this id.
    public @Nullable ListedRun show(UUID workspaceId, long runId) {
        List<ListedRun> found =
                transactions.read(tx -> store.list(tx, workspaceId, false, runId, 1));
        return found.isEmpty() ? null : found.getFirst();
    }

    /// What a run did, in order; at most 1,000 calls.
    public List<TracedSpan> trace(UUID workspaceId, long runId) {
        return transactions.read(tx -> traces.list(tx, workspaceId, runId));
    }

    /// Queues a failed or cancelled run again, at the end of its chat and of the queue.
    ///
    /// @throws ProblemException `not_found`; `conflict` when it did not fail or its chat went on
    public void retry(UUID workspaceId, long runId) {
        transactions.write(tx -> {
            Run run = runs.byId(tx, workspaceId, runId);
            if (run == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            turns.retry(tx, workspaceId, run.streamId(), runId);
            store.audit(tx, workspaceId, "run_retried", Long.toString(runId));
            return run;
        });
    }

    /// Ends a run that has not ended; the next of its chat goes on.
    ///
    /// @throws ProblemException `not_found`; `conflict` when it has ended
    public void cancel(UUID workspaceId, long runId) {
        transactions.write(tx -> {
            Run run = runs.byId(tx, workspaceId, runId);
            if (run == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            if (turns.cancel(tx, workspaceId, run.streamId(), live -> live.id() == runId) == 0) {
                throw new ProblemException(ErrorCode.CONFLICT, "This run has ended.");
            }
            store.audit(tx, workspaceId, "run_cancelled", Long.toString(runId));
            return run;
        });
    }

    /// How the workspace's runs are queued.
    public QueueRules rules(UUID workspaceId) {
        QueueRules rules = transactions.read(tx -> store.rules(tx, workspaceId));
        if (rules == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return rules;
    }

    /// Changes how runs are queued, also those that wait already.
    public void set(UUID workspaceId, QueueRules rules) {
        transactions.write(tx -> {
            store.set(tx, workspaceId, rules);
            store.audit(tx, workspaceId, "queue_rules_set", workspaceId.toString());
            tx.afterCommit(() -> {
                signals.ring(Hint.work(workspaceId, "chat"));
                signals.ring(Hint.queue(workspaceId));
            });
            return rules;
        });
    }
}
