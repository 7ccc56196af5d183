package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.body.ByteBody;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Visitors send at most 128 KiB, an image of theirs has at most 5 MiB; the server's own limit of 1
/// MiB for what it reads whole holds for everybody, and alone for the AI SDK's transport, which
/// sends its whole history each time.
@ServerFilter("/api/**")
final class BodyLimitFilter implements Ordered {

    private static final int VISITOR_BYTES = 128 * 1024;
    private static final int IMAGE_BYTES = 5 * 1024 * 1024;

    /// Counts by itself what comes without a length.
    private static final String IMAGES = "/api/v1/attachments";

    private static final List<String> WORKER_PATHS =
            List.of("/api/v1/claims", "/api/v1/runs/", "/api/v1/workers/");

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 200;
    }

    /// A body without a length is counted before the handler sees it; the copy shares its bytes.
    @RequestFilter
    CompletionStage<? extends HttpRequest<?>> check(HttpRequest<?> request) {
        String path = request.getPath();
        if (path.equals("/api/v1/chat") || WORKER_PATHS.stream().anyMatch(path::startsWith)) {
            return CompletableFuture.completedFuture(request);
        }
        if (path.equals(IMAGES)) {
            if (request.getContentLength() > IMAGE_BYTES) {
                throw new ProblemException(ErrorCode.TOO_LARGE, "An image has at most 5 MB.");
            }
            return CompletableFuture.completedFuture(request);
        }
        if (request.getContentLength() > VISITOR_BYTES) {
            throw tooLarge();
        }
        if (request.getContentLength() >= 0
                || !request.getHeaders().contains(HttpHeaders.TRANSFER_ENCODING)
                || !(request instanceof ServerHttpRequest<?> arriving)) {
            return CompletableFuture.completedFuture(request);
        }
        return arriving.byteBody()
                .split(ByteBody.SplitBackpressureMode.FASTEST)
                .buffer()
                .thenApply(body -> {
                    try (body) {
                        if (body.length() > VISITOR_BYTES) {
                            throw tooLarge();
                        }
                        return request;
                    }
                });
    }

    private static ProblemException tooLarge() {
        return new ProblemException(ErrorCode.TOO_LARGE, "Send at most 128 KiB.");
    }
}
