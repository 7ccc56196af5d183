package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.problem.Problem;
import io.micronaut.data.connection.exceptions.ConnectionException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whatever nobody expected: logged with its cause under the request's id, told as 500. A database
/// that is away is told as 503, since coming back helps.
@Singleton
final class FaultHandler implements ExceptionHandler<Exception, HttpResponse<Problem>> {

    private static final Logger LOG = LoggerFactory.getLogger(FaultHandler.class);

    private final ProblemAnswers answers;

    FaultHandler(ProblemAnswers answers) {
        this.answers = answers;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public HttpResponse<Problem> handle(HttpRequest request, Exception fault) {
        if (databaseAway(fault)) {
            LOG.atWarn()
                    .addKeyValue("event.action", "database_away")
                    .addKeyValue("error.type", fault.getClass().getName())
                    .log("the database is away: {}", fault.getMessage());
            return answers.answer(request, ErrorCode.UNAVAILABLE, null, 2);
        }
        LOG.atError().addKeyValue("event.action", "fault").setCause(fault).log("request failed");
        return answers.answer(request, ErrorCode.INTERNAL, null, 0);
    }

    /// Connection lost or refused (08), server shutting down (57P), out of resources (53), read
    /// only (25006: a standby, until somebody promotes it), the disk (58030), no connection from
    /// the pool in time, or one that was lost so that even its rollback failed.
    private static boolean databaseAway(Throwable fault) {
        int depth = 0;
        for (Throwable t = fault; t != null && depth < 10; t = t.getCause(), depth++) {
            if (t instanceof SQLTransientException || t instanceof ConnectionException) {
                return true;
            }
            if (t instanceof SQLException e && e.getSQLState() != null) {
                String state = e.getSQLState();
                if (state.startsWith("08")
                        || state.startsWith("57P")
                        || state.startsWith("53")
                        || state.equals("25006")
                        || state.equals("58030")) {
                    return true;
                }
            }
        }
        return false;
    }
}
