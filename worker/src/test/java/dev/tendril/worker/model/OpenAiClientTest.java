package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.relay.ModelDouble;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked and read when all goes well.
class OpenAiClientTest extends OpenAiScene {
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
}
