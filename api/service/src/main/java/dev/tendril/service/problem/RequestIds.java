package dev.tendril.service.problem;

import io.micronaut.http.HttpRequest;
import java.util.UUID;
import java.util.regex.Pattern;

/// The id that joins an answer to its log lines.
final class RequestIds {

    static final String HEADER = "X-Request-Id";

    private static final String ATTRIBUTE = "tendril.request-id";
    private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9-]{8,64}");

    private RequestIds() {}

    /// The request's id. The first call settles it: a proxy's well-formed `X-Request-Id`, else a
    /// new one.
    static String of(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, String.class)
                .orElseGet(() -> {
                    String given = request.getHeaders().get(HEADER);
                    String id =
                            given != null && WELL_FORMED.matcher(given).matches()
                                    ? given
                                    : UUID.randomUUID().toString();
                    request.setAttribute(ATTRIBUTE, id);
                    return id;
                });
    }
}
