package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
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

    private static final int FAILURE_CHARACTERS = 500;
    private static final Pattern FAILURE_CODE = Pattern.compile("[a-z_]{1,40}");

    private final Transactions transactions;
    private final RunStore store;
    private final FrameStore frames;
    private final RunEnd ending;
    private final RunKinds kinds;
    private final Signals signals;
    private final Lease lease;

    RunQueue(
            Transactions transactions,
            RunStore store,
            FrameStore frames,
            RunEnd ending,
            RunKinds kinds,
            Signals signals,
            Lease lease) {
        this.transactions = transactions;
        this.store = store;
        this.frames = frames;
        this.ending = ending;
        this.kinds = kinds;
        this.signals = signals;
        this.lease = lease;
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
        boolean renewed = transactions.write(tx -> frames.renew(tx, call));
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
                lease.offer().toMillis(),
                lease.lease().toMillis(),
                run.streamId(),
                run.messageId(),
                run.answerId(),
                run.opened(),
                frames.lastCheckpoint(tx, run),
                kinds.of(run).history(tx, run));
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
}
