package dev.tendril.worker.model;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Anthropic's messages.
///
/// The system prompt and the tools are marked for the provider's cache: they are the prefix that
/// does not change from step to step. The official SDK was rejected for its size and because it
/// cannot be aborted while idle.
public final class AnthropicClient implements ModelClient {
    private static final String VERSION = "2023-06-01";

    /// The longest answer when nobody said; the provider wants to be told one.
    private static final int MAX_TOKENS = 8_000;

    private final ModelProfile profile;
    private final ModelEndpoint endpoint;
    private final String model;
    private final HttpClient http;

    /// @param profile must name the model
    /// @param http must not follow redirects: the key belongs to this endpoint alone
    /// @throws IllegalArgumentException when the endpoint names no model
    public AnthropicClient(ModelProfile profile, HttpClient http) {
        String name = profile.endpoint().model();
        if (name == null) {
            throw new IllegalArgumentException("an Anthropic endpoint needs the name of a model");
        }
        this.profile = profile;
        this.endpoint = profile.endpoint();
        this.model = name;
        this.http = http;
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo(model, ModelInfo.LLM);
    }

    @Override
    public ModelTraits traits() {
        return profile.traits();
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        return new HttpModelStream(new AnthropicDialect(this, request), profile.timeouts(), http);
    }

    HttpRequest messagesRequest(ModelRequest question) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(endpoint.call("/messages"))
                        .header("Content-Type", "application/json")
                        .header("Accept", "text/event-stream, application/json")
                        .header("anthropic-version", VERSION)
                        .POST(
                                BodyPublishers.ofString(
                                        Json.write(body(question)), StandardCharsets.UTF_8));
        if (endpoint.key() != null) {
            request.header("x-api-key", endpoint.key());
        }
        return request.build();
    }

    private Map<String, @Nullable Object> body(ModelRequest question) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("model", model);
        int most = profile.traits().maxOutput();
        body.put("max_tokens", most > 0 ? most : MAX_TOKENS);
        body.put("stream", true);
        if (!question.tools().isEmpty()) {
            List<Object> tools = new ArrayList<>();
            for (ToolSpec tool : question.tools()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", tool.name());
                one.put("description", tool.description());
                one.put("input_schema", tool.parameters());
                if (tools.size() == question.tools().size() - 1) {
                    one.put("cache_control", Map.of("type", "ephemeral"));
                }
                tools.add(one);
            }
            body.put("tools", tools);
        }
        if (!question.system().isBlank()) {
            Map<String, Object> system = text(question.system());
            system.put("cache_control", Map.of("type", "ephemeral"));
            body.put("system", List.of(system));
        }
        body.put("messages", messages(question.messages()));
        body.putAll(profile.extra());
        return body;
    }

    /// Roles must alternate, and all results of one step's calls belong into one message.
    private static List<Object> messages(List<PromptMessage> messages) {
        List<Object> all = new ArrayList<>();
        String role = "";
        List<Object> blocks = new ArrayList<>();
        for (PromptMessage message : messages) {
            String next = message instanceof PromptMessage.Assistant ? "assistant" : "user";
            if (!next.equals(role)) {
                flush(all, role, blocks);
                role = next;
                blocks = new ArrayList<>();
            }
            blocks.addAll(blocks(message));
        }
        flush(all, role, blocks);
        return all;
    }

    private static void flush(List<Object> all, String role, List<Object> blocks) {
        if (!blocks.isEmpty()) {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("role", role);
            message.put("content", blocks);
            all.add(message);
        }
    }

    private static List<Object> blocks(PromptMessage message) {
        List<Object> blocks = new ArrayList<>();
        switch (message) {
            case PromptMessage.User user -> {
                for (PromptImage image : user.images()) {
                    blocks.add(image(image));
                }
                if (!user.text().isBlank() || blocks.isEmpty()) {
                    blocks.add(text(user.text().isBlank() ? "…" : user.text()));
                }
            }
            case PromptMessage.Assistant(String said, List<ToolCall> calls) -> {
                if (!said.isBlank()) {
                    blocks.add(text(said));
                }
                for (ToolCall call : calls) {
                    Map<String, Object> block = new LinkedHashMap<>();
                    block.put("type", "tool_use");
                    block.put("id", id(call.id()));
                    block.put("name", name(call.name()));
                    block.put("input", input(call.arguments()));
                    blocks.add(block);
                }
            }
            case PromptMessage.ToolAnswer(String callId, String said) -> {
                Map<String, Object> block = new LinkedHashMap<>();
                block.put("type", "tool_result");
                block.put("tool_use_id", id(callId));
                block.put("content", said);
                blocks.add(block);
            }
        }
        return blocks;
    }

    private static Map<String, Object> image(PromptImage image) {
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("type", "base64");
        source.put("media_type", image.mediaType());
        source.put("data", image.base64());
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", "image");
        block.put("source", source);
        return block;
    }

    private static Map<String, Object> text(String said) {
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", "text");
        block.put("text", said);
        return block;
    }

    /// An id that another provider gave may have characters that this one refuses.
    private static String id(String given) {
        return given.replaceAll("[^a-zA-Z0-9_-]", "_");
    }

    private static String name(String given) {
        String name = given.replaceAll("[^a-zA-Z0-9_-]", "_");
        return name.isEmpty() ? "unknown" : name.substring(0, Math.min(64, name.length()));
    }

    /// A model may have written arguments that are no JSON object; its own words still stand there.
    private static Map<String, @Nullable Object> input(String arguments) {
        try {
            return Json.readObject(arguments.isBlank() ? "{}" : arguments);
        } catch (BadJson e) {
            Map<String, @Nullable Object> raw = new LinkedHashMap<>();
            raw.put("not_json", arguments);
            return raw;
        }
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
