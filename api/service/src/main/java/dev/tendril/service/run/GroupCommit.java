package dev.tendril.service.run;

import dev.tendril.service.database.Gathering;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Commits batches of different runs together.
///
/// The statement waits for no lock: a batch whose run or stream somebody holds, and one that does
/// not fit (repeated, too early, fenced), is left out, and its caller judges it alone. So one call
/// can neither fail nor delay its neighbours.
@Singleton
final class GroupCommit {

    private final Transactions transactions;
    private final FrameStore store;
    private final Signals signals;
    private final Gathering<FrameStore.Batch, FrameStore.Appended> batches;

    @Inject
    GroupCommit(Transactions transactions, FrameStore store, Signals signals) {
        this(transactions, store, signals, Gathering.Limits.of(1, 128, false));
    }

    GroupCommit(
            Transactions transactions, FrameStore store, Signals signals, Gathering.Limits limits) {
        this.transactions = transactions;
        this.store = store;
        this.signals = signals;
        this.batches =
                new Gathering<>(
                        "group-commit",
                        limits,
                        _ -> true,
                        batch -> batch.call().runId(),
                        batch -> batch.lines().text().length(),
                        this::commit);
    }

    /// Stores a batch without a checkpoint; readers hear of it after the commit.
    ///
    /// @return null when it was left out: nothing changed, the caller judges it alone
    /// @throws ProblemException `unavailable`, see [Gathering#ask]; repeating the call is safe
    FrameStore.@Nullable Appended append(LeasedCall lease, int batch, FrameStore.Lines lines) {
        return batches.ask(new FrameStore.Batch(lease, batch, lines));
    }

    private Function<FrameStore.Batch, FrameStore.@Nullable Appended> commit(
            List<FrameStore.Batch> group) {
        Map<Long, FrameStore.Appended> stored =
                transactions.write(tx -> {
                    Map<Long, FrameStore.Appended> rows = new HashMap<>();
                    tx.fixedPlans();
                    for (var row : store.appendAll(tx, group)) {
                        rows.put(row.runId(), row);
                        tx.afterCommit(
                                () -> signals.ring(Hint.stream(row.streamId(), row.lastSeq())));
                    }
                    return rows;
                });
        return batch -> stored.get(batch.call().runId());
    }
}
