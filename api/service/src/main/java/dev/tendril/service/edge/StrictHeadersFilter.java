package dev.tendril.service.edge;

import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.MutableHttpHeaders;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Filter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/// Keeps browsers strict with every answer. What a route has set itself stays: pages and assets
/// bring their own policy and caching, everything else gets the API's, which allows nothing and
/// keeps nothing.
@ServerFilter(Filter.MATCH_ALL_PATTERN)
final class StrictHeadersFilter implements Ordered {

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 50;
    }

    @ResponseFilter
    void leave(MutableHttpResponse<?> response) {
        MutableHttpHeaders headers = response.getHeaders();
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        unlessSet(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        unlessSet(headers, HttpHeaders.CACHE_CONTROL, "no-store");
        unlessSet(headers, "Cross-Origin-Resource-Policy", "same-origin");
    }

    private static void unlessSet(MutableHttpHeaders headers, String name, String value) {
        if (!headers.contains(name)) {
            headers.set(name, value);
        }
    }
}
