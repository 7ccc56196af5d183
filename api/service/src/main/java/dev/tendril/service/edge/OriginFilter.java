package dev.tendril.service.edge;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Calls of the API from a web page: our own pages and the sites of [EmbedOrigins], nobody else.
/// The framework's CORS only withholds headers and runs the handler all the same, hence this
/// filter, before security and routing. Calls without `Origin` are no page's and pass.
@ServerFilter("/api/**")
final class OriginFilter implements Ordered {

    private static final String METHODS = "GET, POST, DELETE";
    private static final String HEADERS =
            "authorization, content-type, last-event-id, x-model-endpoint, x-model-key";
    private static final String EXPOSED = "x-request-id, retry-after";

    private final EmbedOrigins embeds;
    private final ClientAddress addresses;

    OriginFilter(EmbedOrigins embeds, ClientAddress addresses) {
        this.embeds = embeds;
        this.addresses = addresses;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 100;
    }

    @RequestFilter
    @Nullable HttpResponse<?> enter(HttpRequest<?> request) {
        String origin = request.getHeaders().get(HttpHeaders.ORIGIN);
        if (origin == null || isOwn(origin, request)) {
            return null;
        }
        if (!embeds.allow(origin)) {
            throw ProblemException.of(ErrorCode.FORBIDDEN);
        }
        boolean preflight =
                request.getMethod() == HttpMethod.OPTIONS
                        && request.getHeaders().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
        if (!preflight) {
            return null;
        }
        MutableHttpResponse<?> answer =
                HttpResponse.noContent()
                        .header(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, METHODS)
                        .header(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
                        .header(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
        leave(request, answer); // an early answer does not pass its own filter's response half
        return answer;
    }

    @ResponseFilter
    void leave(HttpRequest<?> request, MutableHttpResponse<?> response) {
        response.getHeaders().set(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        String origin = request.getHeaders().get(HttpHeaders.ORIGIN);
        if (origin != null && embeds.allow(origin)) {
            response.getHeaders().set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.getHeaders().set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }

    /// The page's host is the one that was called, and its scheme the one that the proxy saw.
    private boolean isOwn(String origin, HttpRequest<?> request) {
        String host = request.getHeaders().get(HttpHeaders.HOST);
        if (host == null) {
            return false;
        }
        String authority = host.toLowerCase(Locale.ROOT);
        String proto =
                addresses.peerTrusted(request)
                        ? request.getHeaders().get("X-Forwarded-Proto")
                        : null;
        boolean https = origin.equals("https://" + withoutPort(authority, ":443"));
        boolean http = origin.equals("http://" + withoutPort(authority, ":80"));
        return proto == null ? https || http : proto.equals("https") ? https : http;
    }

    private static String withoutPort(String authority, String usual) {
        return authority.endsWith(usual)
                ? authority.substring(0, authority.length() - usual.length())
                : authority;
    }
}
