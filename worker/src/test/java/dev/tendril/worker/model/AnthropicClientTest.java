package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.relay.ModelDouble;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AnthropicClientTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ModelRequest HELLO =
            new ModelRequest("Be brief.", List.of(new PromptMessage.User("Hello?")), List.of());

    /// Text, thoughts, two parallel calls whose fragments alternate, a block of a kind that is not
    /// known yet, pings and comments, cache counts.
    private static final String STREAM =
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":100,"output_tokens":1}}}

            : comment

            event: ping
            data: {"type":"ping"}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm, ü"}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"xyz"}}

            data: {"type":"content_block_stop","index":0}

            data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Let me "}}

            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"see 🌱"}}

            data: {"type":"content_block_start","index":2,"content_block":{"type":"something_new"}}

            data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"add","input":{}}}

            data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_2","name":"sub","input":{}}}

            data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}

            data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\": "}}

            data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\\"b\\":"}}

            data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"1}"}}

            data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"2}"}}

            data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":42}}

            data: {"type":"message_stop"}

            """;

    private final ModelDouble server = new ModelDouble();

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private AnthropicClient client(ModelTimeouts timeouts) {
        return new AnthropicClient(profile(timeouts), HTTP);
    }

    private ModelProfile profile(ModelTimeouts timeouts) {
        return new ModelProfile(
                "claude",
                ModelEndpoint.of(server.url(), "sk-ant", "claude"),
                Dialect.ANTHROPIC,
                timeouts,
                0,
                new ModelTraits(false, 0, 1000, Price.FREE),
                Map.of());
    }

    private AnthropicClient client() {
        return client(ModelTimeouts.DEFAULT);
    }

    private static List<ModelEvent> all(ModelClient client, ModelRequest request)
            throws ModelFailure, InterruptedException {
        List<ModelEvent> events = new ArrayList<>();
        try (ModelStream stream = client.stream(request)) {
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof ModelEvent.End));
        }
        return events;
    }

    private ModelFault fault() {
        return assertThrows(ModelFailure.class, () -> all(client(), HELLO)).fault();
    }

    private static String said(List<ModelEvent> events) {
        StringBuilder text = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        Map<Integer, String> calls = new LinkedHashMap<>();
        for (ModelEvent event : events) {
            switch (event) {
                case ModelEvent.Text(String delta) -> text.append(delta);
                case ModelEvent.Reasoning(String delta) -> thought.append(delta);
                case ModelEvent.ToolCallDelta(int index, String id, String name, String json) ->
                        calls.merge(
                                index,
                                (id == null ? "" : id + " " + name + " ") + json,
                                String::concat);
                case ModelEvent.Source _, ModelEvent.Usage _, ModelEvent.End _ -> {}
            }
        }
        return thought + "|" + text + "|" + calls + "|" + events.getLast();
    }

    private static void checkWhole(List<ModelEvent> events) {
        assertEquals(
                "Hm, ü|Let me see 🌱|{0=toolu_1 add {\"a\": 1}, 1=toolu_2 sub {\"b\":2}}"
                        + "|End[reason=tool-calls]",
                said(events));
        List<ModelEvent> usage =
                events.stream().filter(ModelEvent.Usage.class::isInstance).toList();
        assertEquals(
                new ModelEvent.Usage(new Metadata.Usage(113L, 42L, 100L, null)), usage.getLast());
    }

    @Test
    void readsAnyFragmentation() throws Exception {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        server.then(call -> {
            call.begin();
            call.raw(bytes);
        });
        checkWhole(all(client(), HELLO));
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            server.then(call -> {
                call.begin();
                for (int at = 0; at < bytes.length; ) {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
                    call.raw(Arrays.copyOfRange(bytes, at, end));
                    at = end;
                }
            });
            checkWhole(all(client(), HELLO));
        }
    }

    @Test
    void asksInTheProvidersWords() throws Exception {
        server.then(call -> {
            call.begin();
            call.raw(STREAM.getBytes(StandardCharsets.UTF_8));
        });
        ModelRequest request =
                new ModelRequest(
                        "Be brief.",
                        List.of(
                                new PromptMessage.User("Hello?"),
                                new PromptMessage.Assistant(
                                        "",
                                        List.of(
                                                new ToolCall("call:1", "add", "{\"a\":1}"),
                                                new ToolCall("call:2", "add", "no json"))),
                                new PromptMessage.ToolAnswer("call:1", "one"),
                                new PromptMessage.ToolAnswer("call:2", "two"),
                                new PromptMessage.User("Go on.")),
                        List.of(
                                new ToolSpec("add", "Adds.", Map.of("type", "object")),
                                new ToolSpec("sub", "Subtracts.", Map.of("type", "object"))));
        all(client(), request);
        String sent = server.requests().getFirst();
        String head = sent.toLowerCase(java.util.Locale.ROOT);
        assertTrue(head.startsWith("post /v1/messages http/1.1"), head);
        assertTrue(head.contains("x-api-key: sk-ant\r\n"), head);
        assertTrue(head.contains("anthropic-version: 2023-06-01\r\n"), head);
        assertFalse(head.contains("authorization"), head);
        assertEquals(
                Json.canonical(
                        Json.read(
                                """
                                {"model": "claude", "max_tokens": 1000, "stream": true,
                                 "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
                                 "tools": [
                                   {"name": "add", "description": "Adds.", "input_schema": {"type": "object"}},
                                   {"name": "sub", "description": "Subtracts.", "input_schema": {"type": "object"},
                                    "cache_control": {"type": "ephemeral"}}],
                                 "messages": [
                                   {"role": "user", "content": [{"type": "text", "text": "Hello?"}]},
                                   {"role": "assistant", "content": [
                                     {"type": "tool_use", "id": "call_1", "name": "add", "input": {"a": 1}},
                                     {"type": "tool_use", "id": "call_2", "name": "add", "input": {"not_json": "no json"}}]},
                                   {"role": "user", "content": [
                                     {"type": "tool_result", "tool_use_id": "call_1", "content": "one"},
                                     {"type": "tool_result", "tool_use_id": "call_2", "content": "two"},
                                     {"type": "text", "text": "Go on."}]}]}
                                """)),
                Json.canonical(Json.read(sent.substring(sent.indexOf("\r\n\r\n") + 4))));
    }

    /// Provider caches hit on equal bytes: a later step's request begins with the earlier one's.
    @Test
    void thePrefixOfLaterStepsIsTheSameBytes() throws Exception {
        server.then(call -> {
            call.begin();
            call.raw(STREAM.getBytes(StandardCharsets.UTF_8));
        });
        List<ToolSpec> tools = List.of(new ToolSpec("add", "Adds.", Map.of("type", "object")));
        List<PromptMessage> messages = new ArrayList<>(List.of(new PromptMessage.User("Hello?")));
        all(client(), new ModelRequest("Be brief.", messages, tools));
        messages.add(new PromptMessage.Assistant("Hi", List.of()));
        messages.add(new PromptMessage.User("And?"));
        all(client(), new ModelRequest("Be brief.", messages, tools));
        List<String> bodies =
                server.requests().stream()
                        .map(r -> r.substring(r.indexOf("\r\n\r\n") + 4))
                        .toList();
        String first = bodies.get(0).substring(0, bodies.get(0).length() - 2);
        assertTrue(bodies.get(1).startsWith(first), bodies.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
                "{\"type\":\"error\"}"
            })
    void errorInMidStream(String error) {
        server.then(call -> {
            call.begin();
            call.raw(
                    STREAM.substring(0, STREAM.indexOf("event: ping"))
                            .getBytes(StandardCharsets.UTF_8));
            call.data(error);
        });
        assertEquals(ModelFault.ERROR, fault());
    }

    @Test
    void anEndWithoutMessageStopIsNoEnd() {
        server.then(call -> {
            call.begin();
            call.raw(
                    STREAM.substring(0, STREAM.indexOf("data: {\"type\":\"message_stop"))
                            .getBytes(StandardCharsets.UTF_8));
        });
        assertEquals(ModelFault.BROKEN, fault());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no json",
                "[1]",
                "{\"type\":\"content_block_delta\",\"index\":7,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}}"
            })
    void garbage(String data) {
        server.then(call -> {
            call.begin();
            call.data(data);
        });
        assertEquals(ModelFault.GARBAGE, fault());
    }

    @ParameterizedTest
    @CsvSource({
        "400,REJECTED",
        "401,FORBIDDEN",
        "403,FORBIDDEN",
        "404,REJECTED",
        "429,BUSY",
        "500,ERROR",
        "529,ERROR"
    })
    void statuses(int status, ModelFault expected) {
        server.then(call ->
                call.send(
                        status,
                        "application/json",
                        "{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"because\"}}",
                        "Retry-After: 7"));
        ModelFailure failure = assertThrows(ModelFailure.class, () -> all(client(), HELLO));
        assertEquals(expected, failure.fault());
        assertTrue(failure.getMessage().contains("because"));
        assertFalse(failure.getMessage().contains("sk-ant"));
        assertEquals(Duration.ofSeconds(7), failure.retryAfter());
    }

    @Test
    void aPromptThatIsTooLong() {
        server.then(call ->
                call.send(
                        400,
                        "application/json",
                        "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too"
                                + " long: 9 tokens > 8 maximum\"}}"));
        assertEquals(ModelFault.TOO_LONG, fault());
    }

    @Test
    void wholeAnswerInsteadOfStream() throws Exception {
        server.then(call ->
                call.send(
                        200,
                        "application/json",
                        "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},"
                                + "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"add\",\"input\":{\"a\":1}}],"
                                + "\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}"));
        assertEquals("|Hi|{0=t add {\"a\":1}}|End[reason=tool-calls]", said(all(client(), HELLO)));
    }

    @Test
    void silenceHasALimit() throws Exception {
        server.then(call -> {
            call.begin();
            call.data("{\"type\":\"ping\"}");
            call.awaitClose();
        });
        AnthropicClient impatient =
                client(new ModelTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300)));
        ModelFailure failure = assertThrows(ModelFailure.class, () -> all(impatient, HELLO));
        assertEquals(ModelFault.STALLED, failure.fault());
        server.awaitClose(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingEndsTheConnectionAtOnce(boolean afterHeaders) throws Exception {
        server.then(call -> {
            if (afterHeaders) {
                call.begin();
                call.data("{\"type\":\"ping\"}");
            }
            call.awaitClose();
        });
        ModelStream stream = client().stream(HELLO);
        CompletableFuture<ModelEvent> reader =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return stream.next();
                    } catch (ModelFailure | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        dev.tendril.worker.relay.Wire.await("the request", () -> server.requests().size() == 1);
        stream.close();
        ExecutionException e = assertThrows(ExecutionException.class, reader::get);
        ModelFailure failure = (ModelFailure) e.getCause().getCause();
        assertEquals(ModelFault.ABORTED, failure.fault());
        server.awaitClose(Duration.ofSeconds(1));
    }
}
