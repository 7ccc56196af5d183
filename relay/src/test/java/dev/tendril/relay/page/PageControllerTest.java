package dev.tendril.relay.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class PageControllerTest extends DatabaseTest {

    private static final Pattern SCRIPT_TAG = Pattern.compile("<script([^>]*)>([^<]*)");
    private static final Pattern ASSET = Pattern.compile("\"/(w/[^\"]+)\"");

    private Calls calls;

    @BeforeAll
    void house(EmbeddedServer server) {
        calls = new Calls(server.getURI());
    }

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.embed-origins", "https://shop.example");
        return properties;
    }

    @Test
    void theChatPageIsStrict() {
        var page = calls.get("/c/home");

        assertEquals(200, page.status());
        assertTrue(page.header("Content-Type").startsWith("text/html"));
        String policy = page.header("Content-Security-Policy");
        assertTrue(policy.startsWith("default-src 'none';"), policy);
        assertTrue(policy.contains("script-src 'self';"));
        assertFalse(policy.contains("unsafe"));
        assertTrue(policy.endsWith("frame-ancestors 'self' https://shop.example"), policy);
        assertEquals("no-cache", page.header("Cache-Control"));
        assertEquals("nosniff", page.header("X-Content-Type-Options"));
        assertEquals("same-origin", page.header("Cross-Origin-Opener-Policy"));
        assertTrue(page.header("Permissions-Policy").contains("microphone=()"));
        assertEquals("", page.header("X-Frame-Options"));
        Matcher scripts = SCRIPT_TAG.matcher(page.body());
        while (scripts.find()) {
            assertTrue(scripts.group(1).contains("src="), "inline script");
            assertEquals("", scripts.group(2).strip());
        }
        assertFalse(page.body().contains("style="), "inline style");
    }

    @Test
    void thePageIsTheSameForEverySite() {
        assertEquals(calls.get("/c/home").body(), calls.get("/c/nobody-has-this").body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/c/HOME",
                "/c/-x",
                "/c/a_b",
                "/c/",
                "/c/a/b",
                "/c/aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx",
                "/w/",
                "/w/nothing.js",
                "/w/..%2fchat.html",
                "/w/%2e%2e/chat.html",
                "/w/a//b.js",
                "/chat.html",
                "/manifest.json",
                "/application.properties",
                "/favicon.ico"
            })
    void whatIsNoPageIsNotFound(String path) {
        var answer = calls.get(path);

        assertTrue(answer.status() == 404 || answer.status() == 400, "status " + answer.status());
        assertEquals("application/problem+json", answer.header("Content-Type"));
    }

    @Test
    void aPageThatIsKnownIsNotSentAgain() {
        String etag = calls.get("/c/home").header("ETag");

        var again = calls.get("/c/home", "If-None-Match", etag);

        assertEquals(304, again.status());
        assertEquals("", again.body());
        assertEquals(200, calls.get("/c/home", "If-None-Match", "\"other\"").status());
    }

    @Test
    void theLoaderMayBeUsedAnywhereAndIsSeenAnewSoon() {
        var loader = calls.get("/widget.js", "Origin", "https://anybody.example");

        assertEquals(200, loader.status());
        assertTrue(loader.header("Content-Type").startsWith("text/javascript"));
        assertEquals("public, max-age=300", loader.header("Cache-Control"));
        assertEquals("cross-origin", loader.header("Cross-Origin-Resource-Policy"));
        assertEquals("*", loader.header("Access-Control-Allow-Origin"));
    }

    @Test
    void whatThePageLoadsIsKeptForEver() {
        Matcher assets = ASSET.matcher(calls.get("/c/home").body());
        while (assets.find()) { // none without npm: then the page is a placeholder
            var asset = calls.get("/" + assets.group(1));
            assertEquals(200, asset.status(), assets.group(1));
            assertEquals("public, max-age=31536000, immutable", asset.header("Cache-Control"));
            assertEquals("cross-origin", asset.header("Cross-Origin-Resource-Policy"));
        }
    }

    @Test
    void theRootTellsWhatThisIs() {
        var root = calls.get("/");

        assertEquals(200, root.status());
        assertTrue(root.body().contains("/c/<site>"));
    }
}
