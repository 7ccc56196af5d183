package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What can go wrong, and by which name.
class OpenAiFaultTest extends OpenAiScene {
    @Test
    void refusedConnection() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var client =
                new OpenAiClient(
                        ModelEndpoint.of("http://127.0.0.1:" + port, null, "m"),
                        ModelTimeouts.DEFAULT,
                        HTTP,
                        Wire.JSON);
        assertEquals(ModelFault.UNREACHABLE, fault(client));
    }

    @Test
    void unknownHost() {
        var client =
                new OpenAiClient(
                        ModelEndpoint.of("http://no-such-host.invalid:1", null, "m"),
                        ModelTimeouts.DEFAULT,
                        HTTP,
                        Wire.JSON);
        var failure = assertThrows(ModelFailure.class, () -> all(client));
        assertEquals(ModelFault.UNREACHABLE, failure.fault());
        assertTrue(String.valueOf(failure.getMessage()).contains("unknown"), failure.getMessage());
    }

    @Test
    void silenceBeforeHeaders() throws Exception {
        server.then(ModelDouble.Exchange::awaitClose);
        var timeouts = new ModelTimeouts(Duration.ofMillis(300), Duration.ofSeconds(9));
        assertEquals(ModelFault.NO_ANSWER, fault(client(timeouts, "m")));
        server.awaitClose(Duration.ofSeconds(2));
    }

    @Test
    void silenceAfterHeaders() throws Exception {
        server.then(call -> {
            call.begin();
            call.awaitClose();
        });
        var timeouts = new ModelTimeouts(Duration.ofMillis(300), Duration.ofSeconds(9));
        assertEquals(ModelFault.NO_ANSWER, fault(client(timeouts, "m")));
        server.awaitClose(Duration.ofSeconds(2));
    }

    @Test
    void silenceInMidStream() throws Exception {
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.awaitClose();
        });
        var timeouts = new ModelTimeouts(Duration.ofSeconds(9), Duration.ofMillis(300));
        assertEquals(ModelFault.STALLED, fault(client(timeouts, "m")));
        server.awaitClose(Duration.ofSeconds(2));
    }

    @Test
    void brokenInMidStream() {
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.reset();
        });
        assertEquals(ModelFault.BROKEN, fault(client()));
    }

    @Test
    void truncatedIsNotComplete() {
        server.then(call -> {
            call.begin();
            call.text("Well");
        });
        assertEquals(ModelFault.BROKEN, fault(client()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"out of memory\",\"code\":500}}",
                "{\"error\":\"out of memory\"}"
            })
    void errorInMidStream(String error) {
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.data(error);
            call.finish();
        });
        var failure = assertThrows(ModelFailure.class, () -> all(client()));
        assertEquals(ModelFault.ERROR, failure.fault());
        assertTrue(String.valueOf(failure.getMessage()).contains("out of memory"));
    }

    @Test
    void garbage() {
        server.then(call -> {
            call.begin();
            call.data("<html>");
        });
        assertEquals(ModelFault.GARBAGE, fault(client()));
        server.then(call -> {
            call.begin();
            call.data("[1]");
        });
        assertEquals(ModelFault.GARBAGE, fault(client()));
        server.then(call -> call.send(200, "text/html", "<html>Sign in</html>"));
        assertEquals(ModelFault.GARBAGE, fault(client()));
        server.then(call -> call.raw("nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(ModelFault.BROKEN, fault(client()));
    }

    @Test
    void endlessLine() {
        server.then(call -> {
            call.begin();
            byte[] block = "data: x".repeat(4096).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 1000; i++) {
                call.raw(block);
            }
        });
        assertEquals(ModelFault.GARBAGE, fault(client()));
    }

    @ParameterizedTest
    @CsvSource({
        "400, REJECTED",
        "401, FORBIDDEN",
        "403, FORBIDDEN",
        "404, REJECTED",
        "408, ERROR",
        "429, BUSY",
        "302, REJECTED",
        "500, ERROR",
        "503, ERROR",
    })
    void statuses(int status, ModelFault expected) {
        server.then(call ->
                call.send(
                        status,
                        "application/json",
                        "{\"error\":{\"message\":\"because\"}}",
                        "Location: http://127.0.0.1:1/"));
        var failure = assertThrows(ModelFailure.class, () -> all(client()));
        assertEquals(expected, failure.fault());
        assertTrue(String.valueOf(failure.getMessage()).contains("because"));
        assertFalse(String.valueOf(failure.getMessage()).contains("sk-test"));
    }

    @Test
    void tooLongConversation() {
        server.then(call ->
                call.send(
                        400,
                        "application/json",
                        "{\"error\":{\"message\":\"This model's maximum context length is 4096"
                                + " tokens\"}}"));
        assertEquals(ModelFault.TOO_LONG, fault(client()));
    }

    @Test
    void retryAfterIsTold() {
        server.then(call -> call.send(429, "application/json", "{}", "Retry-After: 7"));
        var failure = assertThrows(ModelFailure.class, () -> all(client()));
        assertEquals(Duration.ofSeconds(7), failure.retryAfter());
    }

    @Test
    void emptyAnswer() {
        server.then(call -> call.say());
        assertEquals(ModelFault.EMPTY, fault(client()));
    }
}
