package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiClientTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();
    private static final ModelRequest HELLO =
            new ModelRequest("Be brief.", List.of(new PromptMessage.User("Hello?")), List.of());

    private final ModelDouble server = new ModelDouble();

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private OpenAiClient client(ModelTimeouts timeouts, @Nullable String model) {
        return new OpenAiClient(
                ModelEndpoint.of(server.url(), "sk-test", model), timeouts, HTTP, Wire.JSON);
    }

    private OpenAiClient client() {
        return client(ModelTimeouts.DEFAULT, "m");
    }

    private static List<ModelEvent> all(ModelClient client)
            throws ModelFailure, InterruptedException {
        List<ModelEvent> events = new ArrayList<>();
        try (ModelStream stream = client.stream(HELLO)) {
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof ModelEvent.End));
        }
        return events;
    }

    private static String text(List<ModelEvent> events) {
        return events.stream()
                .filter(ModelEvent.Text.class::isInstance)
                .map(event -> ((ModelEvent.Text) event).delta())
                .collect(Collectors.joining());
    }

    private static ModelFault fault(ModelClient client) {
        return assertThrows(ModelFailure.class, () -> all(client)).fault();
    }

    @Test
    void readsTextUsageAndEnd() throws Exception {
        server.then(call -> call.say("Good", " day", "!"));
        var events = all(client());
        assertEquals("Good day!", text(events));
        assertEquals(new ModelEvent.End("stop"), events.getLast());
        assertTrue(events.contains(new ModelEvent.Usage(new Metadata.Usage(7L, 3L, 2L, null))));
        String request = server.requests().getFirst();
        assertTrue(request.startsWith("POST /v1/chat/completions HTTP/1.1"), request);
        assertTrue(request.contains("Authorization: Bearer sk-test"));
        assertTrue(request.contains("\"stream\":true"));
        assertTrue(request.contains("\"include_usage\":true"));
        assertTrue(request.contains("{\"role\":\"system\",\"content\":\"Be brief.\"}"), request);
    }

    @ParameterizedTest
    @CsvSource({
        "http://h:1, http://h:1/v1",
        "http://h:1/, http://h:1/v1",
        "http://h:1/v1/, http://h:1/v1",
        "https://h/api/v1, https://h/api/v1",
        "https://h/v1beta/openai/, https://h/v1beta/openai",
        "https://h/v1/chat/completions, https://h/v1",
        "https://h/llm, https://h/llm/v1",
    })
    void takesUrlsAsPeopleWriteThem(String given, String base) {
        assertEquals(base, ModelEndpoint.of(given, null, null).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h:1",
                "ftp://h",
                "http://",
                "http://u:p@h",
                "http://h/?key=1",
                "http://h h"
            })
    void refusesOtherUrls(String given) {
        assertThrows(IllegalArgumentException.class, () -> ModelEndpoint.of(given, null, null));
    }

    @Test
    void asksForTheNameOnce() throws Exception {
        server.then(call -> call.say("one"));
        var client = client(ModelTimeouts.DEFAULT, null);
        assertEquals("language model", client.info().name());
        all(client);
        all(client);
        assertEquals("little-model", client.info().name());
        assertEquals(1, server.allRequests().stream().filter(r -> r.startsWith("GET")).count());
        assertTrue(server.requests().getLast().contains("\"model\":\"little-model\""));
    }

    /// Any cut of the bytes gives the same events: CRLF, comments, umlauts, emoji, two dialects.
    @Test
    void readsAnyFragmentation() throws Exception {
        String stream =
                "\uFEFF: OPENROUTER PROCESSING\r\n\r\n"
                        + "data: "
                        + ModelDouble.chunk("{\"role\":\"assistant\",\"content\":\"\"}", null)
                        + "\r\n\r\n"
                        + "data: "
                        + ModelDouble.chunk("{\"reasoning_content\":\"Hm, \"}", null)
                        + "\n\n"
                        + "data: "
                        + ModelDouble.chunk("{\"reasoning\":\"grübel\"}", null)
                        + "\r\r"
                        + "event: message\nid: 7\ndata: "
                        + ModelDouble.chunk("{\"content\":\"Grüße 🌱 \"}", null)
                        + "\n\n"
                        + "data:"
                        + ModelDouble.chunk(
                                "{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"look\",\"arguments\":\"\"}}]}",
                                null)
                        + "\n\n"
                        + "data: "
                        + ModelDouble.chunk(
                                "{\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"see\",\"arguments\":\"{}\"}}]}",
                                null)
                        + "\n\n"
                        + "data: "
                        + ModelDouble.chunk(
                                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"q\\\":\\\"ü\\\"}\"}}]}",
                                null)
                        + "\n\n"
                        + "data: "
                        + ModelDouble.chunk("{}", "tool_calls")
                        + "\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
                        + "\"prompt_cache_hit_tokens\":1}}\n\ndata: [DONE]\n\n";
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        List<ModelEvent> expected =
                List.of(
                        new ModelEvent.Reasoning("Hm, "),
                        new ModelEvent.Reasoning("grübel"),
                        new ModelEvent.Text("Grüße 🌱 "),
                        new ModelEvent.ToolCallDelta(0, "c1", "look", ""),
                        new ModelEvent.ToolCallDelta(1, "c2", "see", "{}"),
                        new ModelEvent.ToolCallDelta(0, null, null, "{\"q\":\"ü\"}"),
                        new ModelEvent.Usage(new Metadata.Usage(1L, null, 1L, null)),
                        new ModelEvent.End("tool-calls"));
        for (int round = 0; round < 60; round++) {
            long seed = 4711L + round;
            var random = new Random(seed);
            server.then(call -> {
                call.begin();
                for (int at = 0; at < bytes.length; ) {
                    int next = Math.min(bytes.length, at + 1 + random.nextInt(40));
                    call.raw(Arrays.copyOfRange(bytes, at, next));
                    at = next;
                }
            });
            assertEquals(expected, all(client()), "seed " + seed);
        }
    }

    /// The parser alone, one byte at a time and at every single cut.
    @Test
    void readerTakesEveryCut() throws Exception {
        byte[] bytes =
                "data: é\r\ndata: 🌱\r\n\r\n: x\rdata: b\r\rdata:c"
                        .getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            var reader = new SseReader();
            reader.feed(ByteBuffer.wrap(bytes, 0, cut));
            reader.feed(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            reader.end();
            List<String> data = new ArrayList<>();
            for (String next = reader.poll(); next != null; next = reader.poll()) {
                data.add(next);
            }
            assertEquals(List.of("é\n🌱", "b", "c"), data, "cut " + cut);
        }
    }

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

    @Test
    void finishReasonWithoutDoneIsComplete() throws Exception {
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.data(ModelDouble.chunk("{}", "length"));
        });
        assertEquals(new ModelEvent.End("length"), all(client()).getLast());
    }

    @Test
    void doneWithoutFinishReasonIsComplete() throws Exception {
        server.then(call -> {
            call.begin();
            call.text("Well");
            call.data("[DONE]");
        });
        assertEquals(new ModelEvent.End("stop"), all(client()).getLast());
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

    @Test
    void wholeAnswerInsteadOfStream() throws Exception {
        server.then(call ->
                call.send(
                        200,
                        "application/json; charset=utf-8",
                        "{\"choices\":[{\"message\":{\"content\":\"All at"
                                + " once.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"completion_tokens\":4}}"));
        assertEquals("All at once.", text(all(client())));
    }

    @Test
    void serverWithoutStreamOptions() throws Exception {
        server.then(call -> {
            if (call.request().contains("stream_options")) {
                call.send(
                        400,
                        "application/json",
                        "{\"error\":{\"message\":\"Unknown field stream_options\"}}");
            } else {
                call.say("fine");
            }
        });
        var client = client();
        assertEquals("fine", text(all(client)));
        assertEquals("fine", text(all(client)));
        assertEquals(3, server.requests().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingEndsTheConnectionAtOnce(boolean afterHeaders) throws Exception {
        var reached = new CompletableFuture<Boolean>();
        server.then(call -> {
            if (afterHeaders) {
                call.begin();
                call.text("Well");
            }
            reached.complete(true);
            call.awaitClose();
        });
        ModelStream stream = client().stream(HELLO);
        var reader =
                CompletableFuture.runAsync(() -> {
                    try {
                        while (true) {
                            stream.next();
                        }
                    } catch (ModelFailure e) {
                        throw new IllegalStateException(e.fault().name());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        reached.get(5, TimeUnit.SECONDS);
        long closing = System.nanoTime();
        stream.close();
        server.awaitClose(Duration.ofSeconds(2));
        long ms = TimeUnit.NANOSECONDS.toMillis(server.closedNanos() - closing);
        assertTrue(ms < 500, "closed after " + ms + " ms");
        var end = assertThrows(ExecutionException.class, () -> reader.get(2, TimeUnit.SECONDS));
        assertEquals("ABORTED", end.getCause().getMessage());
    }

    @Test
    void interruptingTheReaderEndsTheConnection() throws Exception {
        var reached = new CompletableFuture<Boolean>();
        server.then(call -> {
            reached.complete(true);
            call.awaitClose();
        });
        Thread reader =
                Thread.ofVirtual()
                        .start(() -> {
                            try (ModelStream stream = client().stream(HELLO)) {
                                stream.next();
                            } catch (ModelFailure | InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        reached.get(5, TimeUnit.SECONDS);
        reader.interrupt();
        server.awaitClose(Duration.ofSeconds(2));
    }

    @Test
    void patienceWhileNothingWasSaid() throws Exception {
        server.then(call -> call.send(503, "text/plain", "loading"))
                .then(call -> call.send(429, "application/json", "{}", "Retry-After: 1"))
                .then(call -> call.say("at last"));
        long start = System.nanoTime();
        assertEquals("at last", text(all(new PatientModel(client()))));
        assertEquals(3, server.requests().size());
        assertTrue(System.nanoTime() - start > 1_000_000_000L, "Retry-After was not kept");
    }

    @Test
    void noPatienceAfterTheFirstWord() throws Exception {
        var heard = new CountDownLatch(1);
        server.then(call -> {
            call.begin();
            call.text("Well");
            // A reset throws away what the other side has not read yet.
            assertTrue(heard.await(10, TimeUnit.SECONDS));
            call.reset();
        });
        try (ModelStream stream = new PatientModel(client()).stream(HELLO)) {
            assertEquals(new ModelEvent.Text("Well"), stream.next());
            heard.countDown();
            assertEquals(ModelFault.BROKEN, assertThrows(ModelFailure.class, stream::next).fault());
        }
        assertEquals(1, server.requests().size());
    }

    @Test
    void noPatienceWithWhatDoesNotPass() {
        server.then(call -> call.send(401, "application/json", "{}"));
        assertEquals(ModelFault.FORBIDDEN, fault(new PatientModel(client())));
        assertEquals(1, server.requests().size());
    }

    @Test
    void noPatienceWithALongWish() {
        server.then(call -> call.send(429, "application/json", "{}", "Retry-After: 600"));
        assertEquals(ModelFault.BUSY, fault(new PatientModel(client())));
        assertEquals(1, server.requests().size());
    }
}
