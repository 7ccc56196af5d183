package dev.tendril.service.run;

import dev.tendril.contract.frame.Frame;
import dev.tendril.service.database.Gathering;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.FrameCodec;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Ends runs of different streams together, in two ways to the database and back: the ends and what
/// had been written; then the answers, the next runs, and the commit. The next runs' statement is
/// one of its own, behind the one that took the streams' locks.
///
/// Waits for no lock, as [GroupCommit] does not.
@Singleton
final class Completions {

    private final Transactions transactions;
    private final FrameStore store;
    private final RunEnd ending;
    private final EventLog log;
    private final FrameCodec codec;
    private final Gathering<FrameStore.Batch, Long> ends;

    Completions(
            Transactions transactions,
            FrameStore store,
            RunEnd ending,
            EventLog log,
            FrameCodec codec) {
        this.transactions = transactions;
        this.store = store;
        this.ending = ending;
        this.log = log;
        this.codec = codec;
        this.ends =
                new Gathering<>(
                        "completions",
                        Gathering.Limits.of(2, 64, true),
                        _ -> true,
                        last -> last.call().runId(),
                        last -> last.lines().text().length(),
                        this::commit);
    }

    /// Ends a run.
    ///
    /// @return the stream's last seq; null when it was left out: nothing changed, the caller judges
    ///   it alone
    @Nullable Long complete(LeasedCall lease, int batch, FrameStore.Lines last) {
        return ends.ask(new FrameStore.Batch(lease, batch, last));
    }

    private Function<FrameStore.Batch, @Nullable Long> commit(List<FrameStore.Batch> group) {
        Map<Long, Long> seqs =
                transactions.write(tx -> {
                    List<FrameStore.Finished> finished = new ArrayList<>();
                    tx.fixedPlans();
                    store.finishAll(tx, group, finished::add);
                    Map<Long, List<Frame>> frames = new HashMap<>();
                    List<Long> opened = new ArrayList<>();
                    List<UUID> workspaces = new ArrayList<>();
                    for (var last : group) {
                        if (last.lines().startId() == null) {
                            opened.add(last.call().runId());
                            workspaces.add(last.call().workspaceId());
                        } else {
                            // What was never opened has no frames but the last.
                            frames.put(last.call().runId(), codec.parse(last.lines().text()));
                        }
                    }
                    if (opened.isEmpty()) {
                        tx.flush();
                    } else {
                        frames.putAll(log.ofRuns(tx, opened, workspaces));
                    }
                    Map<Long, Long> ended = new HashMap<>();
                    finished.forEach(one -> ended.put(one.run().id(), one.lastSeq()));
                    if (!finished.isEmpty()) {
                        ending.done(tx, finished, frames);
                    }
                    return ended;
                });
        return last -> seqs.get(last.call().runId());
    }
}
