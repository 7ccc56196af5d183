package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;

/// Visitors send at most 128 KiB; the server's own limit of 1 MiB holds for everybody.
@ServerFilter("/api/**")
final class BodyLimitFilter implements Ordered {

    private static final int VISITOR_BYTES = 128 * 1024;
    private static final List<String> WORKER_PATHS =
            List.of("/api/v1/claims", "/api/v1/runs/", "/api/v1/workers/");

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 200;
    }

    @RequestFilter
    void check(HttpRequest<?> request) {
        String path = request.getPath();
        if (request.getContentLength() > VISITOR_BYTES
                && WORKER_PATHS.stream().noneMatch(path::startsWith)) {
            throw new ProblemException(ErrorCode.TOO_LARGE, "Send at most 128 KiB.");
        }
    }
}
