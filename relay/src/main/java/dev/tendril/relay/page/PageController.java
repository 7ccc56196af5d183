package dev.tendril.relay.page;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.edge.EmbedOrigins;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The hosted chat page, the page of a shared chat, the embed's loader, and what they load. A page
/// is the same for every site: it asks the API which one it is, so that whether a site exists is
/// told in one place alone.
@Controller
@ExecuteOn(TaskExecutors.BLOCKING)
@Secured(SecurityRule.IS_ANONYMOUS)
final class PageController {

    private static final Pattern SHARE = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern SITE = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    /// No inline script or style, no other origin, no HTML from strings.
    private static final String PAGE_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none';"
                    + " require-trusted-types-for 'script'; frame-ancestors ";

    private static final String ROOT_TEXT =
            """
            This is a Tendril relay. A chat lives at /c/<site>; ask whoever runs this place which.
            """;

    private final Assets assets;
    private final EmbedOrigins embeds;

    PageController(Assets assets, EmbedOrigins embeds) {
        this.assets = assets;
        this.embeds = embeds;
    }

    @Get("/")
    @Produces(MediaType.TEXT_PLAIN)
    String root() {
        return ROOT_TEXT;
    }

    @Get("/c/{site}")
    HttpResponse<?> chat(String site, HttpRequest<?> request) {
        if (!SITE.matcher(site).matches()) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        MutableHttpResponse<?> page = file("chat.html", "no-cache", request);
        return strict(page, embeds.frameAncestors());
    }

    /// The page of a shared chat, the same for every token: it asks the API with it. Nothing on the
    /// way may keep it, nobody may list it, and no page may frame it.
    @Get("/s/{token}")
    HttpResponse<?> shared(String token, HttpRequest<?> request) {
        if (!SHARE.matcher(token).matches()) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        MutableHttpResponse<?> page = file("share.html", "private, no-store", request);
        page.getHeaders().remove(HttpHeaders.ETAG);
        page.getHeaders().set("X-Robots-Tag", "noindex, nofollow, noarchive");
        return strict(page, "'none'");
    }

    /// The loader has no hash in its name: five minutes at most until a new one is seen.
    @Get("/widget.js")
    HttpResponse<?> loader(HttpRequest<?> request) {
        return anywhere(file("widget.js", "public, max-age=300", request));
    }

    /// Named by their content, so a copy is good for ever.
    @Get("/w/{+path}")
    HttpResponse<?> asset(String path, HttpRequest<?> request) {
        return anywhere(file("w/" + path, "public, max-age=31536000, immutable", request));
    }

    private MutableHttpResponse<?> file(String path, String caching, HttpRequest<?> request) {
        Assets.Asset asset = assets.find(path);
        if (asset == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        MutableHttpResponse<?> answer =
                isKnown(asset, request.getHeaders().get(HttpHeaders.IF_NONE_MATCH))
                        ? HttpResponse.notModified()
                        : HttpResponse.ok(asset.bytes()).contentType(asset.type());
        answer.getHeaders().set(HttpHeaders.CACHE_CONTROL, caching);
        answer.getHeaders().set(HttpHeaders.ETAG, asset.etag());
        return answer;
    }

    private static boolean isKnown(Assets.Asset asset, @Nullable String etags) {
        return etags != null && etags.contains(asset.etag());
    }

    private static HttpResponse<?> strict(MutableHttpResponse<?> page, String frameAncestors) {
        page.getHeaders().set("Content-Security-Policy", PAGE_POLICY + frameAncestors);
        page.getHeaders().set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
        page.getHeaders().set("Cross-Origin-Opener-Policy", "same-origin");
        return page;
    }

    /// For any site: scripts and styles hold nothing of anybody.
    private static HttpResponse<?> anywhere(MutableHttpResponse<?> answer) {
        answer.getHeaders().set("Cross-Origin-Resource-Policy", "cross-origin");
        answer.getHeaders().set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        return answer;
    }
}
