package dev.tendril.worker.model;

import dev.tendril.contract.chat.Metadata;
import io.micronaut.json.tree.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Reads the JSON chunks of a chat completion into events, in the dialects that are about: thoughts
/// as `reasoning_content` or `reasoning`, tool calls with or without an index, usage in a chunk of
/// its own, errors as an object in mid-stream.
final class OpenAiChunks {
    private static final int MAX_ERROR_CHARS = 300;

    private @Nullable String finishReason;
    private boolean done;
    private boolean textSeen;
    private boolean callSeen;
    private final Map<String, Integer> callIndexes = new HashMap<>();

    /// Whether the answer came to its end.
    boolean finished() {
        return done || finishReason != null;
    }

    /// `[DONE]` was seen.
    void done() {
        done = true;
    }

    /// Whether there is anything to show or to do.
    boolean saidSomething() {
        return textSeen || callSeen;
    }

    /// In the words of [ModelEvent.End].
    String reason() {
        if (callSeen) {
            return "tool-calls";
        }
        return switch (finishReason) {
            case null -> "stop";
            case "stop", "length" -> finishReason;
            case "content_filter" -> "content-filter";
            default -> "other";
        };
    }

    /// Takes one chunk of a stream.
    ///
    /// @throws ModelFailure when it is an error or no chunk at all
    void accept(JsonNode chunk, Queue<ModelEvent> events) throws ModelFailure {
        take(chunk, "delta", events);
    }

    /// Takes an answer that came in one piece.
    ///
    /// @throws ModelFailure when it is an error or no answer at all
    void acceptWhole(JsonNode answer, Queue<ModelEvent> events) throws ModelFailure {
        take(answer, "message", events);
        done = done || textSeen || callSeen;
    }

    private void take(JsonNode chunk, String content, Queue<ModelEvent> events)
            throws ModelFailure {
        if (!chunk.isObject()) {
            throw new ModelFailure(ModelFault.GARBAGE, "a chunk of the stream is no JSON object");
        }
        if (object(chunk, "error") != null || text(chunk, "error") != null) {
            throw new ModelFailure(
                    ModelFault.ERROR, "the model reported in its stream: " + errorText(chunk));
        }
        JsonNode choices = chunk.get("choices");
        if (choices != null && choices.isArray() && choices.size() > 0) {
            JsonNode choice = choices.get(0);
            if (choice != null && choice.isObject()) {
                JsonNode delta = object(choice, content);
                if (delta != null) {
                    say(delta, events);
                }
                String reason = text(choice, "finish_reason");
                if (reason != null && !reason.isEmpty()) {
                    finishReason = reason;
                }
            }
        }
        JsonNode usage = object(chunk, "usage");
        if (usage != null) {
            events.add(new ModelEvent.Usage(usage(usage)));
        }
    }

    private void say(JsonNode delta, Queue<ModelEvent> events) {
        String thought = text(delta, "reasoning_content");
        if (thought == null) {
            thought = text(delta, "reasoning");
        }
        if (thought != null && !thought.isEmpty()) {
            events.add(new ModelEvent.Reasoning(thought));
        }
        String said = text(delta, "content");
        if (said == null) {
            said = text(delta, "refusal");
        }
        if (said != null && !said.isEmpty()) {
            textSeen = textSeen || !said.isBlank();
            events.add(new ModelEvent.Text(said));
        }
        JsonNode calls = delta.get("tool_calls");
        if (calls != null && calls.isArray()) {
            int position = 0;
            for (JsonNode call : calls.values()) {
                if (call.isObject()) {
                    call(call, position++, events);
                }
            }
        }
    }

    private void call(JsonNode call, int position, Queue<ModelEvent> events) {
        callSeen = true;
        String id = text(call, "id");
        JsonNode given = call.get("index");
        int index;
        if (given != null && given.isNumber()) {
            index = given.getIntValue();
        } else if (id != null) {
            index = callIndexes.computeIfAbsent(id, _ -> callIndexes.size());
        } else {
            index = position;
        }
        JsonNode function = object(call, "function");
        String arguments = function == null ? null : text(function, "arguments");
        events.add(
                new ModelEvent.ToolCallDelta(
                        index,
                        id,
                        function == null ? null : text(function, "name"),
                        arguments == null ? "" : arguments));
    }

    private static Metadata.Usage usage(JsonNode usage) {
        JsonNode prompt = object(usage, "prompt_tokens_details");
        JsonNode completion = object(usage, "completion_tokens_details");
        Long cached = prompt == null ? null : number(prompt, "cached_tokens");
        return new Metadata.Usage(
                number(usage, "prompt_tokens"),
                number(usage, "completion_tokens"),
                cached != null ? cached : number(usage, "prompt_cache_hit_tokens"),
                completion == null ? null : number(completion, "reasoning_tokens"));
    }

    /// What an error document says, on one line and cut; empty when it says nothing.
    static String errorText(@Nullable JsonNode document) {
        if (document == null || !document.isObject()) {
            return "";
        }
        JsonNode error = object(document, "error");
        String said = error == null ? text(document, "error") : text(error, "message");
        if (said == null) {
            said = text(document, "message");
        }
        if (said == null) {
            said = text(document, "detail");
        }
        if (said == null) {
            return "";
        }
        String line = said.replaceAll("\\s+", " ").strip();
        return line.length() > MAX_ERROR_CHARS ? line.substring(0, MAX_ERROR_CHARS) + "…" : line;
    }

    private static @Nullable JsonNode object(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isObject() ? value : null;
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isString() ? value.getStringValue() : null;
    }

    private static @Nullable Long number(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isNumber() ? value.getLongValue() : null;
    }
}
