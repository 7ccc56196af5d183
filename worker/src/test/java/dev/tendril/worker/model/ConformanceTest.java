package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// What providers send, in the words of each, and what a turn must see of it: the same for all.
/// Each stream is played over real HTTP whole and cut at random bytes.
@Timeout(60)
class ConformanceTest {
    private static final long SEED = Long.getLong("tendril.seed", 20_260_502L);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String FAILS = "fails: ";

    /// @param name for the report
    /// @param dialect of the stream
    /// @param stream as it comes
    /// @param seen what a turn sees of it, as [#seen] writes it; or [#FAILS] and the fault
    private record Case(String name, Dialect dialect, String stream, String seen) {}

    private static String data(String... chunks) {
        StringBuilder stream = new StringBuilder();
        for (String chunk : chunks) {
            stream.append("data: ").append(chunk).append("\n\n");
        }
        return stream.toString();
    }

    private static String delta(String delta) {
        return "{\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}";
    }

    private static String call(String call) {
        return delta("{\"tool_calls\":[" + call + "]}");
    }

    private static String end(String reason) {
        return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";
    }

    private static final String TWO_CALLS =
            "|Look.|{0=a:add:{\"x\":1}, 1=b:sub:{\"y\":\"ü\"}}|-|tool-calls";

    private static List<Case> openAi() {
        return List.of(
                new Case(
                        "text, a usage-only chunk, cached and reasoning tokens",
                        Dialect.OPENAI,
                        data(
                                delta("{\"role\":\"assistant\",\"content\":\"\"}"),
                                delta("{\"content\":\"Hel\"}"),
                                delta("{\"content\":\"lo 🌱\"}"),
                                end("stop"),
                                "{\"choices\":[],\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":9,"
                                        + "\"prompt_tokens_details\":{\"cached_tokens\":40},"
                                        + "\"completion_tokens_details\":{\"reasoning_tokens\":3}}}",
                                "[DONE]"),
                        "|Hello 🌱|{}|50 9 40 3|stop"),
                new Case(
                        "DeepSeek: thoughts, its own cache field, usage beside the last delta",
                        Dialect.OPENAI,
                        data(
                                delta("{\"content\":null,\"reasoning_content\":\"Hm, \"}"),
                                delta("{\"content\":null,\"reasoning_content\":\"yes.\"}"),
                                delta("{\"content\":\"Yes.\",\"reasoning_content\":null}"),
                                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}],"
                                        + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":5,"
                                        + "\"prompt_cache_hit_tokens\":16,\"prompt_cache_miss_tokens\":4}}",
                                "[DONE]"),
                        "Hm, yes.|Yes.|{}|20 5 16 null|stop"),
                new Case(
                        "vLLM: ids only once, fragments of parallel calls by turns",
                        Dialect.OPENAI,
                        data(
                                delta("{\"content\":\"Look.\"}"),
                                call(
                                        "{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"\"}}"),
                                call(
                                        "{\"index\":1,\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"sub\",\"arguments\":\"{\\\"y\"}}"),
                                call("{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\"\"}}"),
                                call(
                                        "{\"index\":1,\"function\":{\"arguments\":\"\\\":\\\"ü\\\"}\"}}"),
                                call("{\"index\":0,\"function\":{\"arguments\":\":1}\"}}"),
                                end("tool_calls"),
                                "[DONE]"),
                        TWO_CALLS),
                new Case(
                        "two calls in one chunk, the id again in each fragment",
                        Dialect.OPENAI,
                        data(
                                delta("{\"content\":\"Look.\"}"),
                                call(
                                        "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"x\\\":\"}},"
                                                + "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"sub\",\"arguments\":\"{\\\"y\\\":\"}}"),
                                call(
                                        "{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"1}\"}},"
                                                + "{\"index\":1,\"id\":\"b\",\"function\":{\"arguments\":\"\\\"ü\\\"}\"}}"),
                                end("tool_calls"),
                                "[DONE]"),
                        TWO_CALLS),
                new Case(
                        "Ollama: whole calls without an index",
                        Dialect.OPENAI,
                        data(
                                delta("{\"content\":\"Look.\"}"),
                                call(
                                        "{\"id\":\"a\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"x\\\":1}\"}}"),
                                call(
                                        "{\"id\":\"b\",\"function\":{\"name\":\"sub\",\"arguments\":\"{\\\"y\\\":\\\"ü\\\"}\"}}"),
                                end("stop"),
                                "[DONE]"),
                        TWO_CALLS),
                new Case(
                        "llama.cpp: comments, CRLF, other fields, usage in each chunk",
                        Dialect.OPENAI,
                        ": ping\r\nevent: message\r\nid: 1\r\ndata: "
                                + delta("{\"content\":\"Hello\"}")
                                + "\r\n\r\n"
                                + ": keep-alive\r\n\r\n"
                                + "retry: 5\r\n"
                                + "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                                + " 🌱\"},\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\r\n\r\n"
                                + "data: [DONE]\r\n\r\n",
                        "|Hello 🌱|{}|3 2 null null|length"),
                new Case(
                        "an error in mid-stream",
                        Dialect.OPENAI,
                        data(
                                delta("{\"content\":\"Hel\"}"),
                                "{\"error\":{\"message\":\"out of memory\"}}"),
                        FAILS + ModelFault.ERROR),
                new Case(
                        "no end",
                        Dialect.OPENAI,
                        data(delta("{\"content\":\"Hel\"}")),
                        FAILS + ModelFault.BROKEN),
                new Case(
                        "no JSON",
                        Dialect.OPENAI,
                        data(delta("{\"content\":\"Hel\"}"), "<html>"),
                        FAILS + ModelFault.GARBAGE));
    }

    private static String block(int index, String block) {
        return "{\"type\":\"content_block_start\",\"index\":"
                + index
                + ",\"content_block\":"
                + block
                + "}";
    }

    private static String piece(int index, String delta) {
        return "{\"type\":\"content_block_delta\",\"index\":" + index + ",\"delta\":" + delta + "}";
    }

    private static final String START =
            "{\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":6,"
                    + "\"cache_creation_input_tokens\":4,\"cache_read_input_tokens\":40,\"output_tokens\":1}}}";

    private static String stop(String reason) {
        return "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""
                + reason
                + "\"},\"usage\":{\"output_tokens\":9}}";
    }

    private static final String END = "{\"type\":\"message_stop\"}";

    private static List<Case> anthropic() {
        return List.of(
                new Case(
                        "text, pings, the cache counted in",
                        Dialect.ANTHROPIC,
                        "event: message_start\n"
                                + data(
                                        START,
                                        "{\"type\":\"ping\"}",
                                        block(0, "{\"type\":\"text\",\"text\":\"\"}"),
                                        piece(0, "{\"type\":\"text_delta\",\"text\":\"Hel\"}"),
                                        piece(0, "{\"type\":\"text_delta\",\"text\":\"lo 🌱\"}"),
                                        "{\"type\":\"content_block_stop\",\"index\":0}",
                                        stop("end_turn"),
                                        END),
                        "|Hello 🌱|{}|50 9 40 null|stop"),
                new Case(
                        "thoughts with a signature, unknown blocks and events",
                        Dialect.ANTHROPIC,
                        data(
                                START,
                                "{\"type\":\"something_new\"}",
                                block(0, "{\"type\":\"thinking\",\"thinking\":\"\"}"),
                                piece(0, "{\"type\":\"thinking_delta\",\"thinking\":\"Hm, yes.\"}"),
                                piece(0, "{\"type\":\"signature_delta\",\"signature\":\"x\"}"),
                                block(1, "{\"type\":\"something_new\"}"),
                                block(2, "{\"type\":\"text\",\"text\":\"Yes.\"}"),
                                stop("max_tokens"),
                                END),
                        "Hm, yes.|Yes.|{}|50 9 40 null|length"),
                new Case(
                        "fragments of parallel calls by turns",
                        Dialect.ANTHROPIC,
                        data(
                                START,
                                block(0, "{\"type\":\"text\",\"text\":\"Look.\"}"),
                                block(
                                        1,
                                        "{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"add\",\"input\":{}}"),
                                block(
                                        2,
                                        "{\"type\":\"tool_use\",\"id\":\"b\",\"name\":\"sub\",\"input\":{}}"),
                                piece(
                                        1,
                                        "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\"\"}"),
                                piece(
                                        2,
                                        "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"y\\\":\"}"),
                                piece(
                                        1,
                                        "{\"type\":\"input_json_delta\",\"partial_json\":\":1}\"}"),
                                piece(
                                        2,
                                        "{\"type\":\"input_json_delta\",\"partial_json\":\"\\\"ü\\\"}\"}"),
                                stop("tool_use"),
                                END),
                        TWO_CALLS.replace("|-|", "|50 9 40 null|")),
                new Case(
                        "an error in mid-stream",
                        Dialect.ANTHROPIC,
                        data(
                                START,
                                block(0, "{\"type\":\"text\",\"text\":\"Hel\"}"),
                                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"),
                        FAILS + ModelFault.ERROR),
                new Case(
                        "no end",
                        Dialect.ANTHROPIC,
                        data(START, block(0, "{\"type\":\"text\",\"text\":\"Hel\"}")),
                        FAILS + ModelFault.BROKEN),
                new Case(
                        "no JSON",
                        Dialect.ANTHROPIC,
                        data(START, "<html>"),
                        FAILS + ModelFault.GARBAGE));
    }

    @TestFactory
    Stream<DynamicTest> everyProviderIsReadAlike() {
        return Stream.concat(openAi().stream(), anthropic().stream())
                .map(c -> DynamicTest.dynamicTest(c.dialect() + ": " + c.name(), () -> check(c)));
    }

    private static void check(Case one) throws Exception {
        byte[] stream = one.stream().getBytes(StandardCharsets.UTF_8);
        Random random = new Random(SEED);
        for (int cuts : new int[] {0, 3, 40}) {
            try (ModelDouble server = new ModelDouble()) {
                server.then(call -> {
                    call.begin();
                    int[] at = random.ints(cuts, 0, stream.length).sorted().toArray();
                    int from = 0;
                    for (int to : at) {
                        call.raw(Arrays.copyOfRange(stream, from, to));
                        from = to;
                    }
                    call.raw(Arrays.copyOfRange(stream, from, stream.length));
                });
                ModelClient client = client(one.dialect(), server);
                String where = "seed " + SEED + ", " + cuts + " cuts";
                if (one.seen().startsWith(FAILS)) {
                    ModelFailure failure =
                            assertThrows(ModelFailure.class, () -> Answers.all(client), where);
                    assertEquals(one.seen(), FAILS + failure.fault(), where);
                } else {
                    assertEquals(one.seen(), seen(Answers.all(client)), where);
                }
            }
        }
    }

    private static ModelClient client(Dialect dialect, ModelDouble server) {
        ModelProfile profile =
                new ModelProfile(
                        "p",
                        ModelEndpoint.of(server.url(), null, "m"),
                        dialect,
                        ModelTimeouts.DEFAULT,
                        0,
                        ModelTraits.UNKNOWN,
                        Map.of());
        return switch (dialect) {
            case OPENAI -> new OpenAiClient(profile, HTTP, Wire.JSON);
            case ANTHROPIC -> new AnthropicClient(profile, HTTP);
        };
    }

    /// `thoughts|text|{index=id:name:arguments}|in out cached reasoning|why it ended`.
    private static String seen(List<ModelEvent> events) {
        StringBuilder thoughts = new StringBuilder();
        StringBuilder text = new StringBuilder();
        Map<Integer, String[]> calls = new TreeMap<>();
        List<Metadata.Usage> usage = new ArrayList<>();
        String end = "";
        for (ModelEvent event : events) {
            switch (event) {
                case ModelEvent.Text(String delta) -> text.append(delta);
                case ModelEvent.Reasoning(String delta) -> thoughts.append(delta);
                case ModelEvent.ToolCallDelta delta -> {
                    String[] call =
                            calls.computeIfAbsent(delta.index(), _ -> new String[] {"", "", ""});
                    call[0] = call[0].isEmpty() && delta.id() != null ? delta.id() : call[0];
                    call[1] += delta.name() == null ? "" : delta.name();
                    call[2] += delta.argumentsDelta();
                }
                case ModelEvent.Usage(Metadata.Usage tokens) -> usage.add(tokens);
                case ModelEvent.End(String reason) -> end = reason;
                case ModelEvent.Source _ -> {}
            }
        }
        Map<Integer, String> joined = new TreeMap<>();
        calls.forEach((index, call) -> joined.put(index, String.join(":", call)));
        Metadata.Usage last = usage.isEmpty() ? null : usage.getLast();
        String tokens =
                last == null
                        ? "-"
                        : last.in()
                                + " "
                                + last.out()
                                + " "
                                + last.cached()
                                + " "
                                + last.reasoning();
        return thoughts + "|" + text + "|" + joined + "|" + tokens + "|" + end;
    }
}
