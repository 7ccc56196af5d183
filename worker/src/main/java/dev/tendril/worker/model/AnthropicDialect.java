package dev.tendril.worker.model;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.net.http.HttpRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Reads Anthropic's events. A block's fragments carry the block's index, which counts all kinds of
/// blocks; ours counts tool calls alone. Unknown events and blocks are skipped, as the provider
/// asks.
final class AnthropicDialect implements StreamDialect {
    private static final int MAX_ERROR_CHARS = 300;

    private final AnthropicClient client;
    private final ModelRequest question;
    private final Map<Long, Integer> calls = new HashMap<>();
    private @Nullable Long in;
    private @Nullable Long cached;
    private @Nullable Long out;
    private @Nullable String stopReason;
    private boolean complete;
    private boolean said;

    AnthropicDialect(AnthropicClient client, ModelRequest question) {
        this.client = client;
        this.question = question;
    }

    @Override
    public @Nullable HttpRequest before() {
        return null;
    }

    @Override
    public void beforeAnswered(String body) {}

    @Override
    public HttpRequest request() {
        return client.messagesRequest(question);
    }

    @Override
    public boolean anotherForm(int status, String body) {
        return false;
    }

    @Override
    public void refused(int status) {}

    @Override
    public void accept(String data, Queue<ModelEvent> events) throws ModelFailure {
        Map<String, @Nullable Object> event = parse(data);
        switch (text(event, "type")) {
            case "message_start" -> usage(object(object(event, "message"), "usage"), events);
            case "content_block_start" ->
                    begin(number(event, "index"), object(event, "content_block"), events);
            case "content_block_delta" ->
                    delta(number(event, "index"), object(event, "delta"), events);
            case "message_delta" -> {
                String reason = text(object(event, "delta"), "stop_reason");
                stopReason = reason.isEmpty() ? stopReason : reason;
                usage(object(event, "usage"), events);
            }
            case "message_stop" -> complete = true;
            case "error" ->
                    throw new ModelFailure(
                            ModelFault.ERROR,
                            client + " reported in its stream: " + errorText(data));
            default -> {}
        }
    }

    private void begin(
            @Nullable Long index, Map<String, @Nullable Object> block, Queue<ModelEvent> events) {
        switch (text(block, "type")) {
            case "text" -> say(text(block, "text"), events);
            case "thinking" -> think(text(block, "thinking"), events);
            case "tool_use" -> {
                said = true;
                int call = calls.size();
                if (index != null) {
                    calls.put(index, call);
                }
                Map<String, @Nullable Object> input = object(block, "input");
                events.add(
                        new ModelEvent.ToolCallDelta(
                                call,
                                text(block, "id"),
                                text(block, "name"),
                                input.isEmpty() ? "" : Json.write(input)));
            }
            default -> {}
        }
    }

    private void delta(
            @Nullable Long index, Map<String, @Nullable Object> delta, Queue<ModelEvent> events)
            throws ModelFailure {
        switch (text(delta, "type")) {
            case "text_delta" -> say(text(delta, "text"), events);
            case "thinking_delta" -> think(text(delta, "thinking"), events);
            case "input_json_delta" -> {
                Integer call = calls.get(index);
                if (call == null) {
                    throw new ModelFailure(
                            ModelFault.GARBAGE,
                            client + ": a fragment of a tool call that was never begun");
                }
                String json = text(delta, "partial_json");
                if (!json.isEmpty()) {
                    events.add(new ModelEvent.ToolCallDelta(call, null, null, json));
                }
            }
            default -> {}
        }
    }

    private void say(String text, Queue<ModelEvent> events) {
        if (!text.isEmpty()) {
            said = said || !text.isBlank();
            events.add(new ModelEvent.Text(text));
        }
    }

    private static void think(String text, Queue<ModelEvent> events) {
        if (!text.isEmpty()) {
            events.add(new ModelEvent.Reasoning(text));
        }
    }

    /// Anthropic counts cached prompt tokens beside the others; ours are a part of all. Later
    /// counts are totals, not differences.
    private void usage(Map<String, @Nullable Object> usage, Queue<ModelEvent> events) {
        Long fresh = number(usage, "input_tokens");
        Long read = number(usage, "cache_read_input_tokens");
        Long written = number(usage, "cache_creation_input_tokens");
        if (fresh != null) {
            in = fresh + (read == null ? 0 : read) + (written == null ? 0 : written);
        }
        cached = read == null ? cached : read;
        Long produced = number(usage, "output_tokens");
        out = produced == null ? out : produced;
        if (in != null || out != null) {
            events.add(new ModelEvent.Usage(new Metadata.Usage(in, out, cached, null)));
        }
    }

    @Override
    public void acceptWhole(String body, Queue<ModelEvent> events) throws ModelFailure {
        Map<String, @Nullable Object> answer = parse(body);
        if (!text(answer, "type").equals("message")) {
            throw new ModelFailure(ModelFault.ERROR, client + " reported: " + errorText(body));
        }
        if (answer.get("content") instanceof List<?> blocks) {
            for (Object block : blocks) {
                if (block instanceof Map<?, ?> map) {
                    begin(null, Json.object(map), events);
                }
            }
        }
        usage(object(answer, "usage"), events);
        stopReason = text(answer, "stop_reason");
        complete = true;
    }

    private Map<String, @Nullable Object> parse(String data) throws ModelFailure {
        try {
            return Json.readObject(data);
        } catch (BadJson e) {
            throw new ModelFailure(
                    ModelFault.GARBAGE, client + ": the stream holds something that is no JSON");
        }
    }

    @Override
    public boolean finished() {
        return complete;
    }

    @Override
    public boolean complete() {
        return complete;
    }

    @Override
    public boolean saidSomething() {
        return said;
    }

    @Override
    public String reason() {
        if (!calls.isEmpty()) {
            return "tool-calls";
        }
        return switch (stopReason) {
            case null -> "stop";
            case "end_turn", "stop_sequence" -> "stop";
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "tool_use" -> "tool-calls";
            case "refusal" -> "content-filter";
            default -> "other";
        };
    }

    @Override
    public String errorText(String body) {
        try {
            Map<String, @Nullable Object> error = object(Json.readObject(body), "error");
            String line =
                    (text(error, "type") + ": " + text(error, "message"))
                            .replaceAll("\\s+", " ")
                            .strip();
            return line.length() > MAX_ERROR_CHARS ? line.substring(0, MAX_ERROR_CHARS) : line;
        } catch (BadJson e) {
            return "";
        }
    }

    private static Map<String, @Nullable Object> object(
            Map<String, @Nullable Object> from, String field) {
        return from.get(field) instanceof Map<?, ?> map ? Json.object(map) : Map.of();
    }

    private static String text(Map<String, @Nullable Object> from, String field) {
        return from.get(field) instanceof String text ? text : "";
    }

    private static @Nullable Long number(Map<String, @Nullable Object> from, String field) {
        return from.get(field) instanceof Long number ? number : null;
    }

    @Override
    public String toString() {
        return client.toString();
    }
}
