package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.FrameCodec;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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
    private final ClaimStore claims;
    private final FrameStore frames;
    private final RunEnd ending;
    private final Claiming claiming;

    RunQueue(
            Transactions transactions,
            RunStore store,
            ClaimStore claims,
            FrameStore frames,
            RunEnd ending,
            Claiming claiming) {
        this.transactions = transactions;
        this.store = store;
        this.claims = claims;
        this.frames = frames;
        this.ending = ending;
        this.claiming = claiming;
    }

    /// Takes up to `capacity` ready runs whose needs are offered, or returns again what the same
    /// key has taken. Does not wait; empty when there is nothing to do, when the workspace has as
    /// many runs running as it may, or when this worker gets no work any more.
    public List<ClaimedRun> claim(Claimant who, int capacity, List<String> pools) {
        return claiming.claim(who, capacity, pools);
    }

    /// Which of these pools, written `<workspace>/<pool>`, have ready runs.
    public Set<String> readyPools(Collection<String> pools) {
        return Set.copyOf(transactions.read(tx -> claims.readyPools(tx, pools)));
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
        return transactions.read(tx -> claims.held(tx, runs));
    }

    /// A call that had ended this very lease before is answered as then.
    private Run acceptRepetition(Tx tx, LeasedCall call, Predicate<RunState> fits)
            throws SQLException {
        Run run = store.byId(tx, call.workspaceId(), call.runId());
        // A run whose chat was deleted is gone.
        if (run == null || !call.token().equals(run.endedToken()) || !fits.test(run.state())) {
            throw ProblemException.of(ErrorCode.LEASE_LOST);
        }
        return run;
    }
}
