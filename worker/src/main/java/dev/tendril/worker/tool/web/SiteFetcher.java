package dev.tendril.worker.tool.web;

import dev.tendril.worker.tool.ToolException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Gets pages and sitemaps for the content sync, under the same rules as a model's fetches: every
/// redirect and resolved address is checked, private ranges are refused, size and time are capped.
public final class SiteFetcher {
    /// Who asks; `robots.txt` calls it `tendril`.
    public static final String AGENT =
            "Tendril/1 (tendril; reads the pages that a site's operator named)";

    private static final Set<String> TYPES =
            Set.of(
                    "text/html",
                    "application/xhtml+xml",
                    "text/plain",
                    "text/markdown",
                    "text/xml",
                    "application/xml");

    private final Fetcher fetcher;

    /// The system's resolver and public addresses alone.
    public SiteFetcher() {
        this(new Fetcher());
    }

    SiteFetcher(Fetcher fetcher) {
        this.fetcher = fetcher;
    }

    /// What came.
    ///
    /// @param uri after redirects
    /// @param type media type; empty when it has not changed
    /// @param text decoded
    /// @param bytes as they came
    /// @param etag for the next time, or null
    /// @param lastModified for the next time, or null
    public record Got(
            URI uri,
            String type,
            String text,
            byte[] bytes,
            @Nullable String etag,
            @Nullable String lastModified) {
        /// Whether the page is as it was.
        public boolean unchanged() {
            return type.isEmpty();
        }
    }

    /// Gets a page unless it is as it was.
    ///
    /// @param hosts whether a host may be asked, also after redirects
    /// @param etag of the last time, or null
    /// @param lastModified of the last time, or null
    /// @throws PageGone when it does not exist
    /// @throws ToolException when a rule refuses it or it cannot be had
    public Got get(
            String url,
            Predicate<String> hosts,
            @Nullable String etag,
            @Nullable String lastModified)
            throws ToolException {
        Map<String, String> headers = new HashMap<>();
        if (etag != null) {
            headers.put("If-None-Match", etag);
        }
        if (lastModified != null) {
            headers.put("If-Modified-Since", lastModified);
        }
        Fetcher.Page page =
                fetcher.get(fetcher.address(url), hosts, new Fetcher.Manner(AGENT, TYPES, headers));
        return new Got(
                page.uri(),
                page.type(),
                new String(page.body(), charset(page.charset())),
                page.body(),
                page.marks().get("ETag"),
                page.marks().get("Last-Modified"));
    }

    private static Charset charset(@Nullable String declared) {
        try {
            return declared == null ? StandardCharsets.UTF_8 : Charset.forName(declared);
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
