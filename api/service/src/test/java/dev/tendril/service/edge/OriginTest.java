package dev.tendril.service.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Spoken over a socket, because a client library would not send the Host and Origin of our choice.
@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class OriginTest extends DatabaseTest {

    private static final AtomicInteger HANDLED = new AtomicInteger();

    private EmbeddedServer server;

    @BeforeAll
    void house(EmbeddedServer server) {
        this.server = server;
    }

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.embed-origins", "https://shop.example, https://b.example:8443");
        return properties;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "null",
                "https://relay.example.evil.example",
                "https://evil-relay.example",
                "https://relay.example:444",
                "https://RELAY.example.",
                "https://shop.example:444",
                "http://shop.example",
                "https://SHOP.example",
                "https://shop.example/",
                "file://",
                ""
            })
    void aForeignPageIsRefusedBeforeTheHandler(String origin) throws IOException {
        for (String method : new String[] {"POST", "GET", "OPTIONS"}) {
            int before = HANDLED.get();
            String answer = call(method, "relay.example", "Origin: " + origin + "\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 403"), method + " " + answer);
            assertFalse(answer.toLowerCase(java.util.Locale.ROOT).contains("access-control-allow"));
            assertTrue(answer.contains("\"code\":\"forbidden\""));
            assertEquals(before, HANDLED.get());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "relay.example,      https://relay.example",
        "relay.example:443,  https://relay.example",
        "relay.example,      http://relay.example",
        "127.0.0.1:8080,     http://127.0.0.1:8080",
        "RELAY.example,      https://relay.example",
    })
    void ourOwnPageIsServed(String host, String origin) throws IOException {
        assertTrue(call("POST", host, "Origin: " + origin + "\r\n").startsWith("HTTP/1.1 200"));
    }

    @Test
    void behindHttpsAPlainPageIsForeign() throws IOException {
        String proto = "X-Forwarded-Proto: https\r\n";

        assertTrue(
                call("POST", "relay.example", proto + "Origin: https://relay.example\r\n")
                        .startsWith("HTTP/1.1 200"));
        assertTrue(
                call("POST", "relay.example", proto + "Origin: http://relay.example\r\n")
                        .startsWith("HTTP/1.1 403"));
    }

    @Test
    void whoIsNoPageIsServed() throws IOException {
        assertTrue(call("POST", "relay.example", "").startsWith("HTTP/1.1 200"));
    }

    @Test
    void aListedSiteMayEmbed() throws IOException {
        String preflight =
                call(
                        "OPTIONS",
                        "relay.example",
                        "Origin: https://shop.example\r\n"
                                + "Access-Control-Request-Method: POST\r\n"
                                + "Access-Control-Request-Headers: authorization,content-type\r\n");
        assertTrue(preflight.startsWith("HTTP/1.1 204"), preflight);
        assertTrue(has(preflight, "access-control-allow-origin: https://shop.example"));
        assertTrue(has(preflight, "access-control-allow-headers: authorization"));
        assertFalse(has(preflight, "access-control-allow-credentials"));
        assertTrue(has(preflight, "vary: origin"));

        String answer = call("POST", "relay.example", "Origin: https://b.example:8443\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        assertTrue(has(answer, "access-control-allow-origin: https://b.example:8443"));
    }

    @Test
    void anErrorForAListedSiteCanBeReadThere() throws IOException {
        String answer =
                raw(
                        "GET /api/v1/chats HTTP/1.1\r\nHost: relay.example\r\nOrigin:"
                                + " https://shop.example\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
        assertTrue(has(answer, "access-control-allow-origin: https://shop.example"));
    }

    @Test
    void everyAnswerIsStrict() {
        var answer = new Calls(server.getURI()).get("/health/live");

        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("no-referrer", answer.header("Referrer-Policy"));
        assertEquals("no-store", answer.header("Cache-Control"));
        assertEquals("same-origin", answer.header("Cross-Origin-Resource-Policy"));
        assertEquals(
                "default-src 'none'; frame-ancestors 'none'",
                answer.header("Content-Security-Policy"));
        assertEquals("", answer.header("Server"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "https://*.example", "https://a.example/path", "a.example"})
    void anOriginListIsTakenLiterally(String list) {
        assertThrows(IllegalArgumentException.class, () -> new EmbedOrigins(list));
    }

    private String call(String method, String host, String headers) throws IOException {
        return raw(
                method
                        + " /api/v1/test/origin HTTP/1.1\r\nHost: "
                        + host
                        + "\r\n"
                        + headers
                        + "Content-Length: 0\r\nConnection: close\r\n\r\n");
    }

    private String raw(String message) throws IOException {
        try (var socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(message.getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    private static boolean has(String answer, String header) {
        return answer.toLowerCase(java.util.Locale.ROOT).contains(header);
    }

    @Controller("/api/v1/test/origin")
    @Secured(SecurityRule.IS_ANONYMOUS)
    static final class Handler {
        @Post
        String post() {
            HANDLED.incrementAndGet();
            return "ok";
        }

        @Get
        String get() {
            HANDLED.incrementAndGet();
            return "ok";
        }
    }
}
