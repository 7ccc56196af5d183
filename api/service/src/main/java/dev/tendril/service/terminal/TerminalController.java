package dev.tendril.service.terminal;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.terminal.TerminalReport;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;

/// A worker says which terminal sessions it has.
@Controller("/api/v1/workers/self/terminals")
@ExecuteOn(TaskExecutors.BLOCKING)
@Secured(WorkerIdentity.ROLE)
final class TerminalController {

    private static final int LONGEST_NAME = 64;

    private final TerminalStore store;

    TerminalController(TerminalStore store) {
        this.store = store;
    }

    @Post
    @Status(HttpStatus.NO_CONTENT)
    void report(WorkerIdentity worker, @Body TerminalReport report) {
        if (report.sessions().size() > TerminalReport.MOST
                || !report.sessions().stream().allMatch(TerminalController::good)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "Send at most 100 sessions, each with a name of 1 to 64 characters, 2 to 500"
                            + " columns and 2 to 300 rows.");
        }
        store.report(worker.workspaceId(), worker.workerId(), report);
    }

    private static boolean good(TerminalReport.Session session) {
        return !session.name().isBlank()
                && session.name().codePointCount(0, session.name().length()) <= LONGEST_NAME
                && session.name().chars().noneMatch(Character::isISOControl)
                && session.columns() >= 2
                && session.columns() <= 500
                && session.rows() >= 2
                && session.rows() <= 300;
    }
}
