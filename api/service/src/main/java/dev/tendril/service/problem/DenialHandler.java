package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.problem.Problem;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.security.authentication.AuthorizationException;
import io.micronaut.security.authentication.DefaultAuthorizationExceptionHandler;
import jakarta.inject.Singleton;

/// No token or a bad one: 401. A good one for other calls: 403.
@Singleton
@Replaces(DefaultAuthorizationExceptionHandler.class)
final class DenialHandler
        implements ExceptionHandler<AuthorizationException, HttpResponse<Problem>> {

    private final ProblemAnswers answers;

    DenialHandler(ProblemAnswers answers) {
        this.answers = answers;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public HttpResponse<Problem> handle(HttpRequest request, AuthorizationException denial) {
        return answers.answer(
                request,
                denial.isForbidden() ? ErrorCode.FORBIDDEN : ErrorCode.UNAUTHORIZED,
                null,
                0);
    }
}
