package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// The queue as workers see it. Every call may be repeated when its outcome is unknown; a call
/// under a lease that is gone answers `lease_lost` and changes nothing.
@Singleton
public final class RunQueue {

    private static final int MIN_FLUSH_MS = 40;
    private static final int CHECKPOINT_BYTES = 256 * 1024;
    private static final int FAILURE_CHARACTERS = 500;
    private static final Pattern FAILURE_CODE = Pattern.compile("[a-z_]{1,40}");

    private final Transactions transactions;
    private final RunStore store;
    private final RunEnd ending;
    private final RunKinds kinds;
    private final FrameCodec codec;
    private final Signals signals;

    RunQueue(
            Transactions transactions,
            RunStore store,
            RunEnd ending,
            RunKinds kinds,
            FrameCodec codec,
            Signals signals) {
        this.transactions = transactions;
        this.store = store;
        this.ending = ending;
        this.kinds = kinds;
        this.codec = codec;
        this.signals = signals;
    }

    /// Takes up to `capacity` ready runs, or returns again what the same key has taken. Does not
    /// wait; empty when there is nothing to do.
    public List<ClaimedRun> claim(Claimant who, int capacity, List<String> pools) {
        return transactions.write(tx -> {
            store.lockClaim(tx, who.key());
            List<Run> runs = new ArrayList<>(store.claimed(tx, who));
            if (runs.isEmpty()) {
                for (String pool : pools) {
                    if (runs.size() < capacity) {
                        runs.addAll(store.claim(tx, who, pool, capacity - runs.size()));
                    }
                }
            }
            List<ClaimedRun> claimed = new ArrayList<>();
            for (Run run : runs) {
                claimed.add(claimed(tx, run));
            }
            if (!claimed.isEmpty()) {
                tx.afterCommit(() -> signals.ring(Hint.queue(who.workspaceId())));
            }
            return claimed;
        });
    }

    /// Which of the workspaces' pools have ready runs, as `<workspace>/<pool>`.
    public Set<String> readyPools(Collection<UUID> workspaces) {
        return Set.copyOf(transactions.read(tx -> store.readyPools(tx, workspaces)));
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
        }
        var lines = new RunStore.Lines(body.frames().size(), codec.lines(body.frames()), startId);
        return transactions.write(tx -> {
            var stored = store.append(tx, call, body.batch(), lines);
            if (stored == null) {
                return refused(tx, call, body.batch());
            }
            if (checkpoint != null) {
                if (!store.checkpoint(tx, call, checkpoint)) {
                    throw FrameRules.invalid("A checkpoint's step rises by one.");
                }
                store.settle(tx, call.workspaceId(), call.runId(), stored.lastSeq());
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
        return transactions.write(tx -> {
            Run run = store.finish(tx, call, body.batch(), startId);
            if (run == null) {
                return refused(tx, call, body.batch());
            }
            return appended(false, ending.done(tx, run, body.batch(), body.frames()));
        });
    }

    /// Ends a run that cannot be answered.
    public void fail(LeasedCall call, FailRun body) {
        if (!FAILURE_CODE.matcher(body.code()).matches()) {
            throw FrameRules.invalid("code has 1 to 40 of a-z and _.");
        }
        if (body.text().isBlank() || body.text().length() > FAILURE_CHARACTERS) {
            throw FrameRules.invalid("text has 1 to 500 characters.");
        }
        var failure =
                new RunFailure(body.code(), FrameCodec.storable(body.text()), body.retryable());
        transactions.write(tx -> {
            Run run = store.fail(tx, call, failure);
            if (run == null) {
                return acceptRepetition(tx, call, state -> state == RunState.FAILED);
            }
            ending.failed(tx, run, failure);
            return run;
        });
    }

    /// Gives a run back; the attempt does not count.
    public void release(LeasedCall call) {
        transactions.write(tx -> {
            Run run = store.release(tx, call);
            if (run == null) {
                return acceptRepetition(tx, call, RunState::live);
            }
            ending.superseded(tx, run, run.attempt() + 1);
            return run;
        });
    }

    /// Renews the lease.
    public void renew(LeasedCall call) {
        boolean renewed = transactions.write(tx -> store.renew(tx, call));
        if (!renewed) {
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
    }

    /// Under which leases these runs are being worked on, or were ended by their own worker. What
    /// was stopped or taken away is not among them.
    public List<HeldLease> held(Collection<Long> runs) {
        return transactions.read(tx -> store.held(tx, runs));
    }

    private ClaimedRun claimed(Tx tx, Run run) throws SQLException {
        UUID token = run.leaseToken();
        if (token == null) {
            throw new IllegalStateException("a claimed run has a lease");
        }
        return new ClaimedRun(
                run.id(),
                run.kind(),
                run.attempt(),
                run.fence(),
                token,
                Lease.OFFER.toMillis(),
                Lease.LEASE.toMillis(),
                run.streamId(),
                run.messageId(),
                run.answerId(),
                run.opened(),
                store.lastCheckpoint(tx, run),
                kinds.of(run).history(tx, run));
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
    private Appended refused(Tx tx, LeasedCall call, int batch) throws SQLException {
        Run run = store.byId(tx, call.workspaceId(), call.runId());
        if (run == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        if (run.state() == RunState.DONE && call.token().equals(run.endedToken())) {
            Long seq = store.doneSeq(tx, run);
            return appended(true, seq == null ? 0 : seq);
        }
        if (!call.token().equals(run.leaseToken()) || !store.renew(tx, call)) {
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
        if (batch < run.nextBatch()) {
            Long seq = store.batchSeq(tx, run, batch);
            return appended(true, seq == null ? run.startSeq() : seq);
        }
        if (batch > run.nextBatch()) {
            throw new ProblemException(
                    ErrorCode.BATCH_GAP, "Send batch " + run.nextBatch() + " next.");
        }
        throw FrameRules.invalid(
                run.opened()
                        ? "start was written before."
                        : "The first frame is start, with the run's answerId.");
    }

    /// A call that had ended this very lease before is answered as then.
    private Run acceptRepetition(Tx tx, LeasedCall call, Predicate<RunState> fits)
            throws SQLException {
        Run run = store.byId(tx, call.workspaceId(), call.runId());
        if (run == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        if (!call.token().equals(run.endedToken()) || !fits.test(run.state())) {
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
        return run;
    }

    private static Appended appended(boolean duplicate, long lastSeq) {
        return new Appended(duplicate, lastSeq, Lease.LEASE.toMillis(), MIN_FLUSH_MS);
    }
}
