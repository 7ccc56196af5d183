package dev.tendril.service.stream;

import dev.tendril.contract.frame.Frame;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Appends frames to streams and reads them back.
@Singleton
public final class EventLog {

    private final EventStore store;
    private final FrameCodec codec;
    private final Transactions transactions;
    private final Signals signals;

    EventLog(EventStore store, FrameCodec codec, Transactions transactions, Signals signals) {
        this.store = store;
        this.codec = codec;
        this.transactions = transactions;
        this.signals = signals;
    }

    /// A new, empty stream.
    public UUID create(Tx tx, UUID workspaceId, String kind) throws SQLException {
        return store.create(tx, workspaceId, kind);
    }

    /// Keeps other writers away until the transaction ends.
    ///
    /// @return the last seq; null when there is no such stream in the workspace
    public @Nullable Long lock(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return store.lock(tx, workspaceId, streamId);
    }

    /// Appends a batch of at least one frame; readers hear of it after the commit.
    ///
    /// @return seq of the last frame
    public long append(
            Tx tx,
            UUID workspaceId,
            UUID streamId,
            EventKind kind,
            Origin origin,
            List<? extends Frame> frames)
            throws SQLException {
        var batch = new EventStore.Batch(frames.size(), codec.lines(frames));
        Long lastSeq = store.append(tx, workspaceId, streamId, kind, origin, batch);
        if (lastSeq == null) {
            throw new IllegalStateException("no such stream");
        }
        tx.afterCommit(() -> signals.ring(Hint.stream(streamId, lastSeq)));
        return lastSeq;
    }

    /// Appends a message to each of several streams, whose locks the caller holds; readers hear of
    /// them after the commit.
    public void append(Tx tx, List<NewMessage> messages) {
        List<String> lines = messages.stream().map(m -> codec.line(m.frame())).toList();
        store.append(tx, messages, lines, grown -> tx.afterCommit(() -> signals.ring(grown)));
    }

    /// Where the stream stands; null when there is no such stream in the workspace.
    public @Nullable StreamState state(UUID workspaceId, UUID streamId) {
        return transactions.read(tx -> store.state(tx, workspaceId, streamId));
    }

    /// The present history's word.
    public String epoch(Tx tx) throws SQLException {
        return store.epoch(tx);
    }

    /// The same, sent with the next statement.
    public void epoch(Tx tx, Consumer<String> then) {
        store.epoch(tx, then);
    }

    /// What follows `seq`, in order: at most 64 batches and about `bytes` (one batch more at most).
    public List<StoredBatch> after(UUID workspaceId, UUID streamId, long seq, int bytes) {
        return transactions.read(tx -> store.after(tx, workspaceId, streamId, seq, bytes));
    }

    /// A run's frames after `seq`, in order.
    public List<RunFrame> ofRun(Tx tx, UUID workspaceId, long runId, long seq) throws SQLException {
        List<RunFrame> frames = new ArrayList<>();
        for (var lines : store.ofRun(tx, workspaceId, runId, seq)) {
            for (Frame frame : codec.parse(lines.lines())) {
                frames.add(new RunFrame(lines.lastSeq(), frame));
            }
        }
        return frames;
    }

    /// All frames of several runs' present answers, in order, by run.
    ///
    /// @param workspaces one for each
    public Map<Long, List<Frame>> ofRuns(Tx tx, Collection<Long> runs, Collection<UUID> workspaces)
            throws SQLException {
        Map<Long, List<Frame>> frames = new HashMap<>();
        for (var lines : store.ofRuns(tx, runs, workspaces)) {
            frames.computeIfAbsent(lines.run(), _ -> new ArrayList<>())
                    .addAll(codec.parse(lines.lines()));
        }
        return frames;
    }

    List<Hint> lastSeqs(Collection<UUID> streams) {
        return transactions.read(tx -> store.lastSeqs(tx, streams));
    }
}
