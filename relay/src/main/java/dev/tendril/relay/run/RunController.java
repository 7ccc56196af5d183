package dev.tendril.relay.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.contract.run.Renewed;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.HeldLease;
import dev.tendril.service.run.Lease;
import dev.tendril.service.run.LeasedCall;
import dev.tendril.service.run.RunQueue;
import dev.tendril.service.run.RunWriter;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/// A worker's calls on the runs that it holds; see docs/protocol.md.
@Controller("/api/v1/runs/{id}")
@Secured(WorkerIdentity.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class RunController {

    private static final int WAIT_SECONDS = 10;

    private final RunQueue queue;
    private final RunWriter writer;
    private final LeaseWatch watch;
    private final Lease lease;

    RunController(RunQueue queue, RunWriter writer, LeaseWatch watch, Lease lease) {
        this.queue = queue;
        this.writer = writer;
        this.watch = watch;
        this.lease = lease;
    }

    @Post("/frames")
    Appended frames(WorkerIdentity worker, long id, @Body AppendFrames body) {
        if (body.checkpoint() != null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "A checkpoint goes to /checkpoint.");
        }
        return writer.append(call(worker, id, body.leaseToken()), body);
    }

    @Post("/checkpoint")
    Appended checkpoint(WorkerIdentity worker, long id, @Body AppendFrames body) {
        if (body.checkpoint() == null) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "checkpoint is missing.");
        }
        return writer.append(call(worker, id, body.leaseToken()), body);
    }

    @Post("/complete")
    Appended complete(WorkerIdentity worker, long id, @Body CompleteRun body) {
        return writer.complete(call(worker, id, body.leaseToken()), body);
    }

    @Post("/fail")
    @Status(HttpStatus.NO_CONTENT)
    void fail(WorkerIdentity worker, long id, @Body FailRun body) {
        queue.fail(call(worker, id, body.leaseToken()), body);
    }

    @Post("/release")
    @Status(HttpStatus.NO_CONTENT)
    void release(WorkerIdentity worker, long id, @Body LeaseCall body) {
        queue.release(call(worker, id, body.leaseToken()));
    }

    /// Renews at once, then waits for bad news.
    @Post("/heartbeat")
    Renewed heartbeat(
            WorkerIdentity worker,
            long id,
            HttpRequest<?> request,
            @QueryValue(defaultValue = "0") int wait,
            @Body LeaseCall body) {
        if (wait < 0 || wait > WAIT_SECONDS) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "wait is 0 to 10 seconds.");
        }
        queue.renew(call(worker, id, body.leaseToken()));
        if (wait > 0) {
            HeldLease held = new HeldLease(id, body.leaseToken());
            Duration most = shorter(Duration.ofSeconds(wait), lease.patience());
            Waiter waiter = new Waiter();
            try (var _ = new HangUp(request, waiter)) {
                watch.await(held, most, waiter);
            }
            if (!watch.held(Set.of(held))) {
                throw ProblemException.of(ErrorCode.LEASE_LOST);
            }
        }
        return new Renewed(lease.lease().toMillis());
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static LeasedCall call(WorkerIdentity worker, long runId, UUID token) {
        return new LeasedCall(worker.workspaceId(), worker.workerId(), runId, token);
    }
}
