package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.problem.Problem;
import io.micronaut.context.annotation.Primary;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// The one place where an error becomes a body. The framework's messages are dropped: they may hold
/// the URL, the input or a class name. What it calls by a status is mapped to one of our codes.
@Primary
@Singleton
final class ProblemAnswers implements ErrorResponseProcessor<Problem> {

    private static final MediaType PROBLEM_JSON = MediaType.of("application/problem+json");

    @Override
    public MutableHttpResponse<Problem> processResponse(
            ErrorContext context, MutableHttpResponse<?> response) {
        return fill(response, context.getRequest(), codeOf(response.code()), null, 0);
    }

    /// A fresh answer for `request`.
    ///
    /// @param retryAfterSeconds 0 means none
    MutableHttpResponse<Problem> answer(
            HttpRequest<?> request,
            ErrorCode code,
            @Nullable String detail,
            int retryAfterSeconds) {
        return fill(HttpResponse.ok(), request, code, detail, retryAfterSeconds);
    }

    private static MutableHttpResponse<Problem> fill(
            MutableHttpResponse<?> response,
            HttpRequest<?> request,
            ErrorCode code,
            @Nullable String detail,
            int retryAfterSeconds) {
        String requestId = RequestIds.of(request);
        MutableHttpResponse<Problem> answer =
                response.status(code.status())
                        .contentType(PROBLEM_JSON)
                        .body(Problem.of(code, code.status() >= 500 ? null : detail, requestId));
        answer.getHeaders().set(RequestIds.HEADER, requestId);
        if (code.status() == 401) {
            answer.getHeaders().set("WWW-Authenticate", "Bearer");
        }
        int seconds =
                retryAfterSeconds == 0 && code == ErrorCode.UNAVAILABLE ? 2 : retryAfterSeconds;
        if (seconds > 0) {
            answer.getHeaders().set("Retry-After", Integer.toString(seconds));
        }
        return answer;
    }

    /// Statuses that no code of ours names count as an invalid request or a fault of ours.
    private static ErrorCode codeOf(int status) {
        return switch (status) {
            case 401 -> ErrorCode.UNAUTHORIZED;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
            case 413 -> ErrorCode.TOO_LARGE;
            case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
            case 429 -> ErrorCode.RATE_LIMITED;
            case 503 -> ErrorCode.UNAVAILABLE;
            default ->
                    status >= HttpStatus.INTERNAL_SERVER_ERROR.getCode()
                            ? ErrorCode.INTERNAL
                            : ErrorCode.INVALID_REQUEST;
        };
    }
}
