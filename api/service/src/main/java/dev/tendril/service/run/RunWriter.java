package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a worker writes under its lease. Every call may be repeated when its outcome is unknown; a
/// call under a lease that is gone answers `lease_lost` and changes nothing.
@Singleton
public final class RunWriter {

    private static final int CHECKPOINT_BYTES = 256 * 1024;

    private final Transactions transactions;
    private final RunStore store;
    private final FrameStore frames;
    private final TraceStore traces;
    private final GroupCommit groups;
    private final Completions completions;
    private final EventLog log;
    private final Pace pace = new Pace();
    private final RunEnd ending;
    private final FrameCodec codec;
    private final Signals signals;
    private final Lease lease;

    RunWriter(
            Transactions transactions,
            RunStore store,
            FrameStore frames,
            TraceStore traces,
            GroupCommit groups,
            Completions completions,
            EventLog log,
            RunEnd ending,
            FrameCodec codec,
            Signals signals,
            Lease lease) {
        this.transactions = transactions;
        this.store = store;
        this.frames = frames;
        this.traces = traces;
        this.groups = groups;
        this.completions = completions;
        this.log = log;
        this.ending = ending;
        this.codec = codec;
        this.signals = signals;
        this.lease = lease;
    }

    /// Stores a batch, renews the lease, and keeps the checkpoint if there is one.
    public Appended append(LeasedCall call, AppendFrames body) {
        String startId = FrameRules.checkBatch(body.frames());
        Checkpoint checkpoint = body.checkpoint();
        if (body.batch() < 1 || body.frames().isEmpty() && checkpoint == null) {
            throw FrameRules.invalid("A batch has a number from 1 and at least one frame.");
        }
        if (checkpoint != null) {
            check(checkpoint);
            TraceRules.check(checkpoint);
        }
        var lines = new FrameStore.Lines(body.frames().size(), codec.lines(body.frames()), startId);
        long startNanos = System.nanoTime();
        Appended answer = append(call, body.batch(), lines, checkpoint);
        pace.took(System.nanoTime() - startNanos);
        return answer;
    }

    private Appended append(
            LeasedCall call, int batch, FrameStore.Lines lines, @Nullable Checkpoint checkpoint) {
        if (checkpoint == null) {
            var stored = groups.append(call, batch, lines);
            if (stored != null) {
                return appended(false, stored.lastSeq());
            }
        }
        return transactions.write(tx -> {
            var stored = frames.append(tx, call, batch, lines);
            if (stored == null) {
                return refused(tx, call, batch, false);
            }
            if (checkpoint != null) {
                if (!frames.checkpoint(tx, call, checkpoint)) {
                    throw FrameRules.invalid("A checkpoint's step rises by one.");
                }
                traces.keep(tx, call, stored.streamId(), checkpoint);
                frames.settle(tx, call.workspaceId(), call.runId(), stored.lastSeq());
            }
            if (lines.count() > 0) {
                tx.afterCommit(
                        () -> signals.ring(Hint.stream(stored.streamId(), stored.lastSeq())));
            }
            return appended(false, stored.lastSeq());
        });
    }

    /// Ends a run with its answer, and makes the next one ready.
    public Appended complete(LeasedCall call, CompleteRun body) {
        String startId = FrameRules.checkLast(body.frames());
        var last = new FrameStore.Lines(body.frames().size(), codec.lines(body.frames()), startId);
        Long seq = completions.complete(call, body.batch(), last);
        if (seq != null) {
            return appended(false, seq);
        }
        return transactions.write(tx -> {
            var finished = frames.finish(tx, call, body.batch(), last);
            if (finished == null) {
                return refused(tx, call, body.batch(), true);
            }
            long id = call.runId();
            var all =
                    finished.run().opened()
                            ? log.ofRuns(tx, List.of(id), List.of(call.workspaceId()))
                            : Map.of(id, codec.parse(last.text()));
            ending.done(tx, List.of(finished), all);
            return appended(false, finished.lastSeq());
        });
    }

    private static void check(Checkpoint checkpoint) {
        if (checkpoint.step() < 1) {
            throw FrameRules.invalid("A checkpoint's step rises by one, from 1.");
        }
        if (checkpoint.state().getBytes(StandardCharsets.UTF_8).length > CHECKPOINT_BYTES) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE, "A checkpoint has at most 256 KiB of state.");
        }
        if (checkpoint.state().indexOf('\0') >= 0) {
            throw new ProblemException(ErrorCode.INVALID_TEXT, "A checkpoint has no NUL.");
        }
    }

    /// Why a batch did not fit: stored before, a gap, the wrong order of frames, or no lease.
    ///
    /// @param last the batch was to end the run: of a running one it cannot have been stored
    private Appended refused(Tx tx, LeasedCall call, int batch, boolean last) throws SQLException {
        Run run = store.byId(tx, call.workspaceId(), call.runId());
        if (run == null) {
            // Its chat was deleted.
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
        if (run.state() == RunState.DONE
                && call.token().equals(run.endedToken())
                && batch <= run.nextBatch()) {
            Long seq = frames.doneSeq(tx, run);
            return appended(true, seq == null ? 0 : seq);
        }
        if (!call.token().equals(run.leaseToken()) || !frames.renew(tx, call)) {
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
        if (batch < run.nextBatch() && !last) {
            Long seq = frames.batchSeq(tx, run, batch);
            return appended(true, seq == null ? run.startSeq() : seq);
        }
        if (batch != run.nextBatch()) {
            throw new ProblemException(
                    ErrorCode.BATCH_GAP, "Send batch " + run.nextBatch() + " next.");
        }
        throw FrameRules.invalid(
                run.opened()
                        ? "start was written before."
                        : "The first frame is start, with the run's answerId.");
    }

    private Appended appended(boolean duplicate, long lastSeq) {
        return new Appended(duplicate, lastSeq, lease.lease().toMillis(), pace.minFlushMs());
    }
}
