package dev.tendril.service.problem;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.OpenSession;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.data.connection.exceptions.ConnectionException;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.io.IOException;
import java.net.Socket;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class ProblemTest extends DatabaseTest {

    private static final String FAULTS = "/api/v1/test/faults/";

    private Calls calls;
    private EmbeddedServer server;

    @BeforeAll
    void house(EmbeddedServer server) {
        this.server = server;
        this.calls = new Calls(server.getURI());
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyCodeHasItsStatusAndShape(ErrorCode code) {
        var answer = calls.get(FAULTS + "code/" + code);

        problem(answer, code);
        boolean detailed = answer.object().containsKey("detail");
        assertEquals(code.status() < 500, detailed);
        boolean later = code == ErrorCode.RATE_LIMITED || code == ErrorCode.UNAVAILABLE;
        assertEquals(later, !answer.header("Retry-After").isEmpty());
    }

    @Test
    void aFaultTellsNothingOfItself() {
        var answer = calls.get(FAULTS + "thrown?secret=canary");

        problem(answer, ErrorCode.INTERNAL);
        assertFalse(answer.body().contains("canary"));
        assertFalse(answer.body().contains("IllegalState"));
    }

    @Test
    void aDatabaseThatIsAwayIsUnavailable() {
        problem(calls.get(FAULTS + "away"), ErrorCode.UNAVAILABLE);
        problem(calls.get(FAULTS + "closed"), ErrorCode.UNAVAILABLE);
        problem(calls.get(FAULTS + "sql"), ErrorCode.INTERNAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "",
                "null",
                "{\"site\":{}}",
                "nonsense",
                "{\"site\":\"a\",\"site\""
            })
    void aBodyThatIsNoneIsInvalid(String body) {
        problem(calls.post(FAULTS + "echo", body), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void deepJsonIsInvalid() {
        problem(calls.post(FAULTS + "echo", "[".repeat(10_000)), ErrorCode.INVALID_REQUEST);
        problem(
                calls.post(FAULTS + "echo", "{\"x\":".repeat(10_000) + "1" + "}".repeat(10_000)),
                ErrorCode.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/xml"
            })
    void onlyJsonIsTaken(String type) {
        problem(
                calls.post(
                        FAULTS + "echo", "{\"site\":\"a\",\"code\":\"b\"}", "Content-Type", type),
                ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void otherMethodsAndPathsAreTold() {
        problem(calls.send("PUT", FAULTS + "echo", "{}"), ErrorCode.METHOD_NOT_ALLOWED);
        problem(calls.get("/no/such/place?secret=canary"), ErrorCode.NOT_FOUND);
        problem(calls.get("/api/v1/nothing"), ErrorCode.NOT_FOUND);
        problem(calls.get("/health"), ErrorCode.NOT_FOUND);
        problem(calls.get("/metrics"), ErrorCode.NOT_FOUND);
        problem(calls.get("/beans"), ErrorCode.NOT_FOUND);
        problem(
                calls.post("/login", "{\"username\":\"a\",\"password\":\"b\"}"),
                ErrorCode.NOT_FOUND);
    }

    @Test
    void anOddPathIsAProblemToo() throws IOException {
        for (String path : new String[] {"/%", "/%2e%2e/etc", "//", "/..;/x", "/%00"}) {
            String answer =
                    raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 4"), path + " " + answer);
        }
    }

    @Test
    void aVisitorsBodyHasALimit() {
        problem(calls.post(FAULTS + "echo", body(128 * 1024 + 1)), ErrorCode.TOO_LARGE);
        assertEquals(200, calls.post(FAULTS + "echo", body(128 * 1024)).status());
        problem(calls.post(FAULTS + "echo", body(1_000_000)), ErrorCode.TOO_LARGE);
        problem(calls.post(FAULTS + "echo", body(3_000_000)), ErrorCode.TOO_LARGE);
    }

    @Test
    void aBodyWithoutALengthHasTheSameLimit() throws IOException {
        String within = chunked(FAULTS + "echo", body(100_000));
        assertTrue(within.startsWith("HTTP/1.1 200"), within);
        String beyond = chunked(FAULTS + "echo", body(200_000));
        assertTrue(beyond.startsWith("HTTP/1.1 413"), beyond);
    }

    @Test
    void aWorkersBodyHasALargerLimit() {
        String path = "/api/v1/workers/self/session";
        problem(calls.post(path, proof(1_000_000)), ErrorCode.UNAUTHORIZED);
        problem(calls.post(path, proof(1_100_000)), ErrorCode.TOO_LARGE);
    }

    private static String proof(int nonceBytes) {
        return """
        {"publicKey":"","nonce":"%s","signature":"","model":"","modelKind":"","version":""}
        """
                .formatted("x".repeat(nonceBytes));
    }

    @Test
    void longHeadersAreRefused() {
        var answer = calls.get("/health/live", "X-Long", "x".repeat(9000));
        assertTrue(answer.status() >= 400 && answer.status() < 500, "status " + answer.status());
    }

    @Test
    void everyAnswerHasARequestIdThatTheLogKnows() {
        var ok = calls.get(FAULTS + "mdc");
        assertEquals(200, ok.status());
        assertEquals(ok.header("X-Request-Id"), ok.body());

        var given = calls.get(FAULTS + "mdc", "X-Request-Id", "0123456789abcdef");
        assertEquals("0123456789abcdef", given.body());

        var forged = calls.get(FAULTS + "mdc", "X-Request-Id", "no good {id}");
        assertFalse(forged.body().contains("no good"));
    }

    private static void problem(Calls.Answer answer, ErrorCode code) {
        assertEquals(code.status(), answer.status(), answer.body());
        assertEquals("application/problem+json", answer.header("Content-Type"), answer.body());
        var body = answer.object();
        assertTrue(
                Set.of("type", "title", "status", "code", "detail", "requestId")
                        .containsAll(body.keySet()));
        assertEquals(code.wire(), body.get("code"));
        assertEquals(code.title(), body.get("title"));
        assertEquals(code.status(), body.get("status"));
        assertEquals("about:blank", body.get("type"));
        assertEquals(answer.header("X-Request-Id"), body.get("requestId"));
        assertFalse(answer.body().contains("canary"));
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("no-store", answer.header("Cache-Control"));
    }

    private static String body(int bytes) {
        String frame = "{\"site\":\"\",\"code\":\"\"}";
        return "{\"site\":\"" + "x".repeat(bytes - frame.length()) + "\",\"code\":\"\"}";
    }

    private String chunked(String path, String body) throws IOException {
        var message =
                new StringBuilder(
                        "POST "
                                + path
                                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type:"
                                + " application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int from = 0; from < body.length(); from += 8000) {
            String chunk = body.substring(from, Math.min(body.length(), from + 8000));
            message.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }
        return raw(message.append("0\r\n\r\n").toString());
    }

    private String raw(String message) throws IOException {
        try (var socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(message.getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Controller("/api/v1/test/faults")
    @ExecuteOn(TaskExecutors.BLOCKING)
    @Secured(SecurityRule.IS_ANONYMOUS)
    static final class Faults {
        @Get("/code/{code}")
        String code(ErrorCode code) {
            throw new ProblemException(code, "Do something else.");
        }

        @Get("/thrown")
        String thrown() {
            throw new IllegalStateException("canary");
        }

        /// As the pool and the framework tell of a connection that broke after its last use.
        @Get("/closed")
        String closed() {
            throw new ConnectionException(
                    "Could not set JDBC Connection", new SQLException("Connection is closed"));
        }

        @Get("/away")
        String away() throws SQLException {
            throw new SQLException("canary", "08006");
        }

        @Get("/sql")
        String sql() throws SQLException {
            throw new SQLException("canary", "42P01");
        }

        @Post("/echo")
        String echo(@Body OpenSession body) {
            return "ok";
        }

        @Get("/mdc")
        String mdc() {
            return MDC.get("requestId");
        }
    }
}
