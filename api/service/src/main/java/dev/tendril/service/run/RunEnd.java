package dev.tendril.service.run;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.frame.FrameFolder;
import dev.tendril.service.database.Tx;
import dev.tendril.service.stream.EventKind;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Origin;
import dev.tendril.service.stream.RunFrame;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What follows when a run's row has left `running`, in the same transaction: the last frames, the
/// outcome in the history, the next run. The caller holds the run's row lock, so that the run's
/// frames no longer change.
@Singleton
final class RunEnd {

    private static final Logger LOG = LoggerFactory.getLogger(RunEnd.class);

    private final RunStore store;
    private final FrameStore frameStore;
    private final EventLog log;
    private final RunKinds kinds;
    private final Signals signals;

    RunEnd(RunStore store, FrameStore frameStore, EventLog log, RunKinds kinds, Signals signals) {
        this.store = store;
        this.frameStore = frameStore;
        this.log = log;
        this.kinds = kinds;
        this.signals = signals;
    }

    /// Answers are complete, and their last frames are stored with the runs' ends.
    ///
    /// @param frames of each answer
    void done(Tx tx, List<FrameStore.Finished> finished, Map<Long, List<Frame>> frames)
            throws SQLException {
        List<Settled> settled = new ArrayList<>();
        for (var one : finished) {
            Run run = one.run();
            tx.afterCommit(() -> signals.ring(Hint.stream(run.streamId(), one.lastSeq())));
            settled.add(
                    new Settled(
                            folded(run, frames.getOrDefault(run.id(), List.of()), null, null),
                            one.lastSeq()));
        }
        settle(tx, settled);
    }

    /// The turn failed: closes what is open and tells why.
    void failed(Tx tx, Run run, RunFailure failure) throws SQLException {
        List<Frame> last = closing(tx, run);
        last.add(new Frame.RelayFailure(new Frame.Failure(failure.code(), failure.retryable())));
        last.add(new Frame.Error(failure.text()));
        var told = new Metadata.AnswerFailure(failure.code(), failure.text(), failure.retryable());
        end(tx, run, EventKind.FAILED, last, "failed", told);
    }

    /// The visitor stopped the turn: closes what is open.
    void cancelled(Tx tx, Run run) throws SQLException {
        List<Frame> last = closing(tx, run);
        last.add(new Frame.Abort());
        end(tx, run, EventKind.CANCELLED, last, "stopped", null);
    }

    /// An attempt is over and another may follow: what it had written since the last checkpoint no
    /// longer counts. The run is `ready` again.
    void superseded(Tx tx, Run run, int attempt) throws SQLException {
        FrameFolder folder = new FrameFolder();
        Set<String> settled = new HashSet<>();
        boolean counted = false;
        for (RunFrame frame : log.ofRun(tx, run.workspaceId(), run.id(), run.startSeq())) {
            if (!counted && frame.batchSeq() > run.settledSeq()) {
                settled.addAll(folder.ids());
                counted = true;
            }
            folder.accept(frame.frame());
        }
        List<Frame> frames = new ArrayList<>(folder.closing());
        List<String> gone = new ArrayList<>(folder.ids());
        if (counted) {
            gone.removeAll(settled);
        } else {
            gone.clear();
        }
        if (!gone.isEmpty()) {
            frames.add(new Frame.RelaySuperseded(new Frame.Superseded(gone, attempt)));
        }
        if (!frames.isEmpty()) {
            long seq =
                    log.append(
                            tx,
                            run.workspaceId(),
                            run.streamId(),
                            EventKind.RESET,
                            new Origin(run.id(), run.fence(), null),
                            frames);
            frameStore.settle(tx, run.workspaceId(), run.id(), seq);
        }
        tellReady(tx, run);
        tx.afterCommit(() -> signals.ring(Hint.run(run.id())));
    }

    /// The run's worker is gone: ready again, or at an end after the last attempt. The caller holds
    /// the lock of its row.
    ///
    /// @return null when the run was not running
    @Nullable Run lost(Tx tx, Run run) throws SQLException {
        if (run.accepted() && run.attempt() >= Lease.ATTEMPTS) {
            return fail(tx, run, RunFailure.WORKER_LOST);
        }
        // An offer that nobody took up gives its attempt back.
        int attempts = run.accepted() ? run.attempt() : run.attempt() - 1;
        Run ready = store.requeue(tx, run, attempts);
        if (ready != null) {
            superseded(tx, ready, run.attempt());
            LOG.info("Run {} lost its worker in attempt {}", run.id(), run.attempt());
        }
        return ready;
    }

    /// Fails a ready or running run. The caller holds the lock of its row.
    ///
    /// @return null when the run is neither
    @Nullable Run fail(Tx tx, Run run, RunFailure failure) throws SQLException {
        Run failed = store.fail(tx, run, failure);
        if (failed != null) {
            failed(tx, failed, failure);
            LOG.warn("Run {} failed: {}", run.id(), failure.code());
        }
        return failed;
    }

    /// Makes the streams' next runs their heads, in a statement after the streams' locks were
    /// taken.
    void promote(Tx tx, List<RunStore.Place> places) {
        store.promote(tx, places, next -> tellReady(tx, next));
    }

    void tellReady(Tx tx, Run run) {
        tx.afterCommit(() -> {
            signals.ring(Hint.work(run.workspaceId(), run.pool()));
            signals.ring(Hint.queue(run.workspaceId()));
        });
    }

    private void end(
            Tx tx,
            Run run,
            EventKind kind,
            List<Frame> last,
            String state,
            Metadata.@Nullable AnswerFailure failure)
            throws SQLException {
        long seq =
                log.append(
                        tx,
                        run.workspaceId(),
                        run.streamId(),
                        kind,
                        new Origin(run.id(), run.fence(), null),
                        last);
        frameStore.dropCheckpoints(tx, run);
        settle(tx, List.of(new Settled(folded(run, stored(tx, run), state, failure), seq)));
    }

    private List<Frame> stored(Tx tx, Run run) throws SQLException {
        return log.ofRun(tx, run.workspaceId(), run.id(), run.startSeq()).stream()
                .map(RunFrame::frame)
                .toList();
    }

    private static EndedRun folded(
            Run run,
            List<Frame> all,
            @Nullable String state,
            Metadata.@Nullable AnswerFailure failure) {
        FrameFolder folder = new FrameFolder();
        Metadata metadata = new Metadata(null, null, null, state, null, null, failure);
        for (Frame frame : all) {
            folder.accept(frame);
            metadata = merged(metadata, frame);
        }
        return new EndedRun(run, folder.parts(), metadata);
    }

    /// The outcomes into the history, the next runs to the head.
    private void settle(Tx tx, List<Settled> settled) throws SQLException {
        Map<RunKind, List<EndedRun>> byKind = new LinkedHashMap<>();
        List<RunStore.Place> places = new ArrayList<>();
        for (Settled one : settled) {
            Run run = one.ended.run();
            byKind.computeIfAbsent(kinds.of(run), _ -> new ArrayList<>()).add(one.ended);
            places.add(new RunStore.Place(run.workspaceId(), run.streamId(), one.lastSeq));
        }
        for (var kind : byKind.entrySet()) {
            kind.getKey().ended(tx, kind.getValue());
        }
        promote(tx, places);
        for (Settled one : settled) {
            Run run = one.ended.run();
            tx.afterCommit(() -> {
                if (run.limited()) {
                    // What kept others waiting may have been this run alone.
                    signals.ring(Hint.work(run.workspaceId(), run.pool()));
                }
                signals.ring(Hint.run(run.id()));
                signals.ring(Hint.queue(run.workspaceId()));
            });
        }
    }

    /// Ends of what the run left open, behind a `start` if it had not even begun: a page must know
    /// which answer ended.
    private List<Frame> closing(Tx tx, Run run) throws SQLException {
        List<Frame> frames = new ArrayList<>();
        if (!run.opened()) {
            frames.add(new Frame.Start(run.answerId(), null));
        }
        FrameFolder folder = new FrameFolder();
        for (RunFrame frame : log.ofRun(tx, run.workspaceId(), run.id(), run.startSeq())) {
            folder.accept(frame.frame());
        }
        frames.addAll(folder.closing());
        return frames;
    }

    private static Metadata merged(Metadata metadata, Frame frame) {
        Metadata told =
                switch (frame) {
                    case Frame.Start f -> f.messageMetadata();
                    case Frame.Finish f -> f.messageMetadata();
                    default -> null;
                };
        if (told == null) {
            return metadata;
        }
        return new Metadata(
                null,
                told.model() == null ? metadata.model() : told.model(),
                told.modelKind() == null ? metadata.modelKind() : told.modelKind(),
                metadata.state(),
                told.reason() == null ? metadata.reason() : told.reason(),
                told.usage() == null ? metadata.usage() : told.usage(),
                metadata.failure());
    }

    /// @param lastSeq of the stream, with the run's last frames
    private record Settled(EndedRun ended, long lastSeq) {}
}
