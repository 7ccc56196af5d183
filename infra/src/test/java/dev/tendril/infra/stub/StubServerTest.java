package dev.tendril.infra.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The stub over real HTTP: what it says, how it fails, what it remembers.
@Timeout(20)
final class StubServerTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpClient controlHttp = HttpClient.newHttpClient();
    private final StubServer stub;
    private final StubControl control;

    StubServerTest() throws IOException {
        stub = StubServer.start(0, StubPlan.plain());
        control = new StubControl(controlHttp, stub.url());
    }

    @AfterEach
    void close() throws IOException {
        http.shutdownNow();
        controlHttp.shutdownNow();
        stub.close();
    }

    @Test
    void streamsTheAnswerThatTheRequestImplies() throws Exception {
        HttpResponse<String> answer = ask("stub", "Grüße 🌱 [stub deltas=7]", true);

        assertEquals(200, answer.statusCode());
        assertEquals(StubAnswer.text(1, "Grüße 🌱 [stub deltas=7]", 7), text(answer.body()));
        assertTrue(answer.body().contains("\"finish_reason\":\"stop\""));
        assertTrue(answer.body().contains("\"usage\":{\"prompt_tokens\":"));
        assertTrue(answer.body().endsWith("data: [DONE]\n\n"));
        assertEquals("finished", onlyRequest().state());
    }

    @Test
    void answersAtOnceWithTheSameText() throws Exception {
        HttpResponse<String> answer = ask("stub", "plain", false);

        var body = Json.read(answer.body().getBytes(StandardCharsets.UTF_8), Map.class);
        var choice = (Map<?, ?>) ((List<?>) body.get("choices")).getFirst();
        assertEquals(
                StubAnswer.text(1, "plain", 20),
                ((Map<?, ?>) choice.get("message")).get("content"));
    }

    @Test
    void asksForAToolInFragmentsAndUsesItsResult() throws Exception {
        String tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"clock\"}}],";
        String user = "{\"role\":\"user\",\"content\":\"time\"}";

        String call =
                post(tools
                                + "\"model\":\"stub:tool=clock\",\"stream\":true,\"messages\":["
                                + user
                                + "]")
                        .body();
        String answer =
                post(tools
                                + "\"model\":\"stub:tool=clock\",\"stream\":true,\"messages\":["
                                + user
                                + ",{\"role\":\"tool\",\"tool_call_id\":\"x\",\"content\":\"noon\"}]")
                        .body();

        var arguments = new StringBuilder();
        for (Map<?, ?> delta : deltas(call)) {
            if (delta.get("tool_calls") instanceof List<?> calls) {
                var function = (Map<?, ?>) ((Map<?, ?>) calls.getFirst()).get("function");
                arguments.append(function.get("arguments"));
            }
        }
        assertEquals("{\"text\":\"time\"}", arguments.toString());
        assertTrue(call.contains("\"finish_reason\":\"tool_calls\""));
        assertTrue(text(answer).endsWith("Tool said: noon\n"));
    }

    @ParameterizedTest
    @EnumSource
    void failsAsTold(Fault fault) throws Exception {
        String model = "stub:after=2,fault=" + fault.name().toLowerCase(java.util.Locale.ROOT);
        switch (fault) {
            case NONE -> assertTrue(ask(model, "x", true).body().endsWith("[DONE]\n\n"));
            case REFUSE, GARBAGE, BREAK_MID_STREAM -> {
                assertThrows(IOException.class, () -> ask(model, "x", true));
                assertEquals("fault", onlyRequest().state());
            }
            case HANG_BEFORE_HEADERS -> {
                var answer = http.sendAsync(request(model, "x"), BodyHandlers.ofInputStream());
                awaitState("open");
                answer.cancel(true);
                awaitState("aborted");
            }
            case HANG_MID_STREAM -> {
                var answer = http.send(request(model, "x"), BodyHandlers.ofInputStream());
                try (InputStream body = answer.body()) {
                    assertTrue(body.read() > 0);
                    assertEquals("open", onlyRequest().state());
                }
                awaitState("aborted");
            }
            case GARBAGE_MID_STREAM ->
                    assertTrue(ask(model, "x", true).body().endsWith("data: {]garbage\u0001\n\n"));
            case ERROR_MID_STREAM ->
                    assertTrue(ask(model, "x", true).body().contains("data: {\"error\":{"));
            case TOO_MANY_REQUESTS -> {
                HttpResponse<String> answer = ask(model, "x", true);
                assertEquals(429, answer.statusCode());
                assertEquals("1", answer.headers().firstValue("Retry-After").orElseThrow());
            }
            case SERVER_ERROR -> assertEquals(500, ask(model, "x", true).statusCode());
            case UNAUTHORIZED -> assertEquals(401, ask(model, "x", true).statusCode());
            case NO_DONE -> {
                String body = ask(model, "x", true).body();
                assertFalse(body.contains("[DONE]"));
                assertEquals(
                        2,
                        deltas(body).stream()
                                .filter(d -> d.get("content") instanceof String c && !c.isEmpty())
                                .count());
            }
        }
    }

    @Test
    void aStandingFaultEndsAfterItsTimes() throws Exception {
        control.plan("fault=server_error times=2");

        assertEquals(500, ask("stub", "x", true).statusCode());
        assertEquals(500, ask("stub", "x", true).statusCode());
        assertEquals(200, ask("stub", "x", true).statusCode());
    }

    @Test
    void refusesASettingThatItDoesNotKnow() throws Exception {
        assertEquals(400, ask("stub:colour=red", "x", true).statusCode());
    }

    private java.net.http.HttpRequest request(String model, String text) {
        return java.net.http.HttpRequest.newBuilder(URI.create(stub.url() + "/v1/chat/completions"))
                .POST(BodyPublishers.ofString("{" + body(model, text, true) + "}"))
                .build();
    }

    private static String body(String model, String text, boolean stream) {
        return "\"model\":\""
                + model
                + "\",\"stream\":"
                + stream
                + ",\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\""
                + text
                + "\"}]";
    }

    private HttpResponse<String> ask(String model, String text, boolean stream) throws Exception {
        return post(body(model, text, stream));
    }

    private HttpResponse<String> post(String fields) throws Exception {
        return http.send(
                java.net.http.HttpRequest.newBuilder(
                                URI.create(stub.url() + "/v1/chat/completions"))
                        .POST(BodyPublishers.ofString("{" + fields + "}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private SeenRequest onlyRequest() throws Exception {
        List<SeenRequest> all = control.requests();
        assertEquals(1, all.size());
        return all.getFirst();
    }

    /// Bounded by the test's timeout.
    private void awaitState(String state) throws Exception {
        while (control.requests().stream().noneMatch(r -> r.state().equals(state))) {
            Thread.onSpinWait();
        }
    }

    private static List<Map<?, ?>> deltas(String sse) throws IOException {
        var deltas = new ArrayList<Map<?, ?>>();
        for (String line : sse.split("\n", -1)) {
            if (line.startsWith("data: {")) {
                var json = Json.read(line.substring(6).getBytes(StandardCharsets.UTF_8), Map.class);
                if (json.get("choices") instanceof List<?> choices && !choices.isEmpty()) {
                    deltas.add((Map<?, ?>) ((Map<?, ?>) choices.getFirst()).get("delta"));
                }
            }
        }
        return deltas;
    }

    private static String text(String sse) throws IOException {
        var text = new StringBuilder();
        for (Map<?, ?> delta : deltas(sse)) {
            if (delta.get("content") instanceof String content) {
                text.append(content);
            }
        }
        return text.toString();
    }
}
