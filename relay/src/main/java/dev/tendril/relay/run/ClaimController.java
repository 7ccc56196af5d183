package dev.tendril.relay.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.run.Tags;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.Claimant;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// The claim long-poll.
@Controller("/api/v1/claims")
@Secured(WorkerIdentity.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ClaimController {

    private static final int WAIT_SECONDS = 25;
    private static final int CAPACITY = 64;
    private static final int POOLS = 8;
    private static final Pattern POOL = Pattern.compile("[a-z0-9_-]{1,40}");

    private final ClaimDesk desk;

    ClaimController(ClaimDesk desk) {
        this.desk = desk;
    }

    @Post
    HttpResponse<Claims> claim(
            WorkerIdentity worker,
            HttpRequest<?> request,
            @QueryValue(defaultValue = "25") int wait,
            @Body ClaimRequest body) {
        check(wait, body);
        Waiter waiter = new Waiter();
        try (var _ = new HangUp(request, waiter)) {
            List<ClaimedRun> runs =
                    desk.claim(
                            new Claimant(
                                    worker.workspaceId(),
                                    worker.workerId(),
                                    body.claimKey(),
                                    offers(body),
                                    body.instance()),
                            body.capacity(),
                            body.pools(),
                            Duration.ofSeconds(wait),
                            waiter);
            return runs.isEmpty() ? HttpResponse.noContent() : HttpResponse.ok(new Claims(runs));
        }
    }

    private static void check(int wait, ClaimRequest body) {
        if (wait < 0 || wait > WAIT_SECONDS) {
            throw invalid("wait is 0 to 25 seconds.");
        }
        if (body.capacity() < 1 || body.capacity() > CAPACITY) {
            throw invalid("capacity is 1 to 64.");
        }
        List<String> pools = body.pools();
        if (pools.isEmpty()
                || pools.size() > POOLS
                || pools.stream().distinct().count() < pools.size()
                || !pools.stream().allMatch(pool -> POOL.matcher(pool).matches())) {
            throw invalid("pools are 1 to 8 different names of a-z, 0-9, _ and -.");
        }
        if (!Tags.valid(offers(body))) {
            throw invalid("offers are up to 16 tags of 1 to 100 letters, digits and ._:/@+-.");
        }
    }

    private static List<String> offers(ClaimRequest body) {
        return body.offers() == null ? List.of() : body.offers();
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, detail);
    }
}
