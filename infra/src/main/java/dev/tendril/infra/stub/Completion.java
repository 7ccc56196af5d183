package dev.tendril.infra.stub;

import static dev.tendril.infra.json.Json.object;

import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One chat completion: the answer of [StubAnswer] at the plan's pace, with the plan's trouble.
final class Completion {
    private static final int FRAGMENT_CHARS = 5;

    private final ModelRequest request;
    private final StubPlan plan;
    private final Fault fault;
    private final Reply reply;
    private final RequestLog.Entry entry;
    private final long startedNanos = System.nanoTime();

    /// @param fault what happens to this request; the plan's own may be used up
    Completion(
            ModelRequest request, StubPlan plan, Fault fault, Reply reply, RequestLog.Entry entry) {
        this.request = request;
        this.plan = plan;
        this.fault = fault;
        this.reply = reply;
        this.entry = entry;
    }

    /// Answers, and notes in the log how it ended.
    void run() throws InterruptedException {
        try {
            if (!reply.pause(Duration.ofMillis(plan.pace().firstDelayMs()))) {
                entry.end("aborted");
            } else if (!failed()) {
                boolean whole = request.streamed() ? stream() : atOnce();
                entry.end(whole ? "finished" : "aborted");
            }
        } catch (IOException _) {
            entry.end("aborted");
        }
    }

    /// Faults that need no stream.
    private boolean failed() throws IOException, InterruptedException {
        switch (fault) {
            case REFUSE -> drop(false);
            case HANG_BEFORE_HEADERS -> hang();
            case GARBAGE -> {
                reply.raw("\u0000\u0007garbage\u00ff\n\n".getBytes(StandardCharsets.ISO_8859_1));
                drop(false);
            }
            case TOO_MANY_REQUESTS ->
                    error(
                            429,
                            "rate_limit_exceeded",
                            Map.of(
                                    "retry-after",
                                    Integer.toString(plan.trouble().retryAfterSeconds())));
            case SERVER_ERROR -> error(500, "server_error", Map.of());
            case UNAUTHORIZED -> error(401, "invalid_api_key", Map.of());
            case NONE,
                    HANG_MID_STREAM,
                    GARBAGE_MID_STREAM,
                    BREAK_MID_STREAM,
                    ERROR_MID_STREAM,
                    NO_DONE -> {
                return false;
            }
        }
        return true;
    }

    private boolean stream() throws IOException, InterruptedException {
        reply.open("text/event-stream");
        event(delta(object("role", "assistant", "content", "")));
        int beat = 0;
        for (String thought : StubAnswer.reasoning(request.lastUserText(), plan.reasoning())) {
            if (!awaitBeat(beat++)) {
                return false;
            }
            event(delta(object("reasoning_content", thought)));
        }
        boolean callsTool = callsTool();
        if (callsTool) {
            if (!streamToolCall(beat)) {
                return false;
            }
        } else {
            List<String> deltas = answer();
            for (int i = 0; i < deltas.size(); i++) {
                if (!awaitBeat(beat++)) {
                    return false;
                }
                if (i == plan.trouble().after() && failedMidStream()) {
                    return true;
                }
                String text = plan.stamp() ? StubAnswer.stamped(i, Clock.micros()) : deltas.get(i);
                event(delta(object("content", text)));
                entry.delta();
            }
            if (deltas.size() <= plan.trouble().after() && failedMidStream()) {
                return true;
            }
        }
        event(chunk(choice("delta", Map.of(), callsTool ? "tool_calls" : "stop")));
        if (request.wantsUsage()) {
            Map<String, @Nullable Object> usage = chunk();
            usage.put("choices", List.of());
            usage.put("usage", usage());
            event(usage);
        }
        reply.chunk("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        reply.close();
        return true;
    }

    private boolean streamToolCall(int beat) throws IOException, InterruptedException {
        String id = "call_" + Integer.toHexString(request.lastUserText().hashCode());
        event(toolDelta(object("index", 0, "id", id, "type", "function"), plan.tool(), ""));
        String arguments = toolArguments();
        for (int from = 0; from < arguments.length(); from += FRAGMENT_CHARS) {
            if (!awaitBeat(beat++)) {
                return false;
            }
            int to = Math.min(arguments.length(), from + FRAGMENT_CHARS);
            event(toolDelta(object("index", 0), null, arguments.substring(from, to)));
        }
        return true;
    }

    /// Faults after some deltas. Those that hang return when the caller has hung up.
    private boolean failedMidStream() throws IOException, InterruptedException {
        switch (fault) {
            case HANG_MID_STREAM -> hang();
            case GARBAGE_MID_STREAM -> {
                reply.chunk("data: {]garbage\u0001\n\n".getBytes(StandardCharsets.UTF_8));
                entry.end("fault");
                reply.close();
            }
            case BREAK_MID_STREAM -> {
                reply.chunk("data: {\"id\":\"chatcmpl-".getBytes(StandardCharsets.UTF_8));
                drop(true);
            }
            case ERROR_MID_STREAM -> {
                event(errorBody("overloaded_error"));
                entry.end("fault");
                reply.close();
            }
            case NO_DONE -> {
                entry.end("fault");
                reply.close();
            }
            case NONE,
                    REFUSE,
                    HANG_BEFORE_HEADERS,
                    GARBAGE,
                    TOO_MANY_REQUESTS,
                    SERVER_ERROR,
                    UNAUTHORIZED -> {
                return false;
            }
        }
        return true;
    }

    private boolean atOnce() throws IOException, InterruptedException {
        if (!awaitBeat(plan.pace().deltas())) {
            return false;
        }
        Map<String, @Nullable Object> message = object("role", "assistant");
        if (callsTool()) {
            message.put("content", null);
            message.put(
                    "tool_calls",
                    List.of(
                            object(
                                    "id",
                                    "call_"
                                            + Integer.toHexString(
                                                    request.lastUserText().hashCode()),
                                    "type",
                                    "function",
                                    "function",
                                    function(plan.tool(), toolArguments()))));
        } else {
            message.put("content", String.join("", answer()));
        }
        Map<String, @Nullable Object> body =
                chunk(choice("message", message, callsTool() ? "tool_calls" : "stop"));
        body.put("object", "chat.completion");
        body.put("usage", usage());
        reply.whole(200, "application/json", Json.bytes(body), Map.of());
        return true;
    }

    private List<String> answer() {
        var deltas =
                new ArrayList<>(
                        StubAnswer.deltas(
                                request.userMessages(),
                                request.lastUserText(),
                                plan.pace().deltas()));
        for (String result : request.toolResults()) {
            deltas.add("Tool said: " + result + "\n");
        }
        return deltas;
    }

    private boolean callsTool() {
        String tool = plan.tool();
        return tool != null && request.offers(tool) && request.toolResults().isEmpty();
    }

    private String toolArguments() {
        // The worker's own tool refuses a field that it does not know.
        String field = "search_content".equals(plan.tool()) ? "query" : "text";
        return new String(
                Json.bytes(object(field, request.lastUserText())), StandardCharsets.UTF_8);
    }

    private boolean awaitBeat(int beat) throws InterruptedException {
        long due =
                startedNanos
                        + (plan.pace().firstDelayMs() + (long) beat * plan.pace().delayMs())
                                * 1_000_000;
        return reply.pause(Duration.ofNanos(due - System.nanoTime()));
    }

    private void hang() throws InterruptedException {
        reply.untilGone();
        entry.end("aborted");
    }

    private void drop(boolean reset) throws IOException {
        entry.end("fault");
        reply.drop(reset);
    }

    private void error(int status, String code, Map<String, String> headers) throws IOException {
        entry.end("fault");
        reply.whole(status, "application/json", Json.bytes(errorBody(code)), headers);
    }

    private static Map<String, @Nullable Object> errorBody(String code) {
        return object(
                "error",
                object(
                        "message",
                        "the stub was told to fail: " + code,
                        "type",
                        code,
                        "code",
                        code));
    }

    private void event(Map<String, @Nullable Object> data) throws IOException {
        byte[] json = Json.bytes(data);
        var line = new byte[json.length + 8];
        System.arraycopy("data: ".getBytes(StandardCharsets.US_ASCII), 0, line, 0, 6);
        System.arraycopy(json, 0, line, 6, json.length);
        line[json.length + 6] = '\n';
        line[json.length + 7] = '\n';
        reply.chunk(line);
    }

    private Map<String, @Nullable Object> toolDelta(
            Map<String, @Nullable Object> call, @Nullable String name, String arguments) {
        call.put("function", function(name, arguments));
        return delta(object("tool_calls", List.of(call)));
    }

    private static Map<String, @Nullable Object> function(@Nullable String name, String arguments) {
        Map<String, @Nullable Object> function = object("arguments", arguments);
        if (name != null) {
            function.put("name", name);
        }
        return function;
    }

    private Map<String, @Nullable Object> delta(Map<String, @Nullable Object> delta) {
        return chunk(choice("delta", delta, null));
    }

    private Map<String, @Nullable Object> chunk(Map<String, @Nullable Object> choice) {
        Map<String, @Nullable Object> chunk = chunk();
        chunk.put("choices", List.of(choice));
        return chunk;
    }

    private Map<String, @Nullable Object> chunk() {
        return object(
                "id",
                "chatcmpl-" + Integer.toHexString(request.lastUserText().hashCode()),
                "object",
                "chat.completion.chunk",
                "created",
                1,
                "model",
                request.model());
    }

    private static Map<String, @Nullable Object> choice(
            String key, Map<String, @Nullable Object> value, @Nullable String reason) {
        Map<String, @Nullable Object> choice = new HashMap<>(object("index", 0, key, value));
        choice.put("finish_reason", reason);
        return choice;
    }

    private Map<String, @Nullable Object> usage() {
        int in = request.messages().stream().mapToInt(m -> m.text().length()).sum() / 4 + 1;
        int out = plan.pace().deltas();
        return object(
                "prompt_tokens",
                in,
                "completion_tokens",
                out,
                "total_tokens",
                in + out,
                "completion_tokens_details",
                object("reasoning_tokens", plan.reasoning()));
    }
}
