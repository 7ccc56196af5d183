package dev.tendril.worker.model;

import dev.tendril.worker.json.Json;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Any endpoint that speaks OpenAI's chat completions: vLLM, llama.cpp, Ollama, OpenAI and others.
///
/// The official SDKs were rejected for their size and because they cannot be aborted while idle.
public final class OpenAiClient implements ModelClient {
    private static final Logger LOG = LoggerFactory.getLogger(OpenAiClient.class);

    /// Models of an endpoint's list that do not chat.
    private static final Pattern NO_CHAT =
            Pattern.compile("embed|whisper|tts|dall-e|moderation|rerank|image");

    private static final Duration PROBE = Duration.ofSeconds(2);
    private static final long MAX_LIST_BYTES = 4L * 1024 * 1024;

    private final ModelProfile profile;
    private final ModelEndpoint endpoint;
    private final HttpClient http;
    private final JsonMapper json;
    private volatile @Nullable String learnedName;
    private volatile boolean withUsage = true;
    private volatile Runnable onNamed = () -> {};

    /// A model of which only the endpoint is known.
    ///
    /// @param endpoint where the model is
    /// @param timeouts how patient to be
    /// @param http must not follow redirects: the key belongs to this endpoint alone
    /// @param json for plain JSON
    public OpenAiClient(
            ModelEndpoint endpoint, ModelTimeouts timeouts, HttpClient http, JsonMapper json) {
        this(ModelProfile.of(endpoint, timeouts), http, json);
    }

    /// @param profile what is known about the model
    /// @param http must not follow redirects: the key belongs to this endpoint alone
    /// @param json for plain JSON
    public OpenAiClient(ModelProfile profile, HttpClient http, JsonMapper json) {
        this.profile = profile;
        this.endpoint = profile.endpoint();
        this.http = http;
        this.json = json;
    }

    /// Calls back when the model's name was learned from the endpoint.
    public void onNamed(Runnable callback) {
        onNamed = callback;
    }

    @Override
    public ModelInfo info() {
        String name = name();
        return new ModelInfo(name == null ? "language model" : name, ModelInfo.LLM);
    }

    @Override
    public ModelTraits traits() {
        return profile.traits();
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        return new HttpModelStream(new OpenAiDialect(this, request), profile.timeouts(), http);
    }

    /// The model's name if it is known.
    @Nullable String name() {
        return endpoint.model() != null ? endpoint.model() : learnedName;
    }

    /// The endpoint does not know the name that it had given: ask again next time.
    void forgetName() {
        learnedName = null;
    }

    /// The endpoint refused `stream_options`.
    ///
    /// @return whether it makes sense to ask again without
    boolean dropUsage() {
        boolean had = withUsage;
        withUsage = false;
        return had;
    }

    /// Asks once who is there, for at most 2 s, so that the name is known and the operator hears
    /// early of an endpoint that is not.
    public void probe() {
        try {
            HttpRequest request = request(endpoint.call("/models")).timeout(PROBE).GET().build();
            HttpResponse<String> answer =
                    http.send(
                            request,
                            BodyHandlers.limiting(BodyHandlers.ofString(), MAX_LIST_BYTES));
            if (answer.statusCode() == 401 || answer.statusCode() == 403) {
                LOG.warn("{} does not accept the key ({})", endpoint, answer.statusCode());
            } else if (endpoint.model() == null && answer.statusCode() == 200) {
                learnName(answer.body());
            }
        } catch (IOException e) {
            LOG.warn("The model endpoint {} does not answer yet: {}", endpoint, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    HttpRequest namesRequest() {
        return request(endpoint.call("/models")).GET().build();
    }

    /// Takes the first model that looks like a chat model from the endpoint's list.
    void learnName(String body) {
        List<String> names = new ArrayList<>();
        try {
            JsonNode list = parse(body).get("data");
            if (list != null && list.isArray()) {
                for (JsonNode model : list.values()) {
                    JsonNode id = model.get("id");
                    if (id != null && id.isString()) {
                        names.add(id.getStringValue());
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("The list of models is no JSON", e);
        }
        String first =
                names.stream()
                        .filter(name -> !NO_CHAT.matcher(name).find())
                        .findFirst()
                        .orElse(null);
        if (first == null) {
            LOG.warn("{} lists no model; asking for the one named \"default\"", endpoint);
            learnedName = "default";
            return;
        }
        if (names.size() > 1) {
            LOG.warn("{} has {} models; taking {} (see --model)", endpoint, names.size(), first);
        }
        learnedName = first;
        onNamed.run();
    }

    JsonNode parse(String text) throws IOException {
        return json.readValue(text, Argument.of(JsonNode.class));
    }

    HttpRequest chatRequest(ModelRequest request) {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        String name = name();
        body.put("model", name == null ? "default" : name);
        body.put("messages", messages(request));
        body.put("stream", true);
        if (withUsage) {
            body.put("stream_options", Map.of("include_usage", true));
        }
        if (!request.tools().isEmpty()) {
            body.put("tools", request.tools().stream().map(OpenAiClient::tool).toList());
        }
        if (profile.traits().maxOutput() > 0) {
            body.put("max_tokens", profile.traits().maxOutput());
        }
        body.putAll(profile.extra());
        return request(endpoint.call("/chat/completions"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream, application/json")
                .POST(BodyPublishers.ofString(Json.write(body), StandardCharsets.UTF_8))
                .build();
    }

    private HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (endpoint.key() != null) {
            request.header("Authorization", "Bearer " + endpoint.key());
        }
        return request;
    }

    private static Map<String, Object> tool(ToolSpec tool) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", tool.name());
        function.put("description", tool.description());
        function.put("parameters", tool.parameters());
        return asFunction(function);
    }

    /// Always the same bytes for the same function; the order of `Map.of` differs from process to
    /// process, and with it the provider would find nothing in its cache.
    private static Map<String, Object> asFunction(Map<String, Object> function) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("type", "function");
        whole.put("function", function);
        return whole;
    }

    private static List<Map<String, Object>> messages(ModelRequest request) {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!request.system().isEmpty()) {
            messages.add(message("system", request.system()));
        }
        for (PromptMessage message : request.messages()) {
            messages.add(
                    switch (message) {
                        case PromptMessage.User user -> user(user);
                        case PromptMessage.Assistant(String text, List<ToolCall> calls) ->
                                assistant(text, calls);
                        case PromptMessage.ToolAnswer(String callId, String text) -> {
                            var answer = message("tool", text);
                            answer.put("tool_call_id", callId);
                            yield answer;
                        }
                    });
        }
        return messages;
    }

    /// Plain text as long as there is nothing else: not every endpoint takes lists.
    private static Map<String, Object> user(PromptMessage.User user) {
        var message = message("user", user.text());
        if (!user.images().isEmpty()) {
            List<Object> content = new ArrayList<>();
            if (!user.text().isBlank()) {
                Map<String, Object> text = new LinkedHashMap<>();
                text.put("type", "text");
                text.put("text", user.text());
                content.add(text);
            }
            for (PromptImage image : user.images()) {
                String url = "data:" + image.mediaType() + ";base64," + image.base64();
                Map<String, Object> part = new LinkedHashMap<>();
                part.put("type", "image_url");
                part.put("image_url", Map.of("url", url));
                content.add(part);
            }
            message.put("content", content);
        }
        return message;
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private static Map<String, Object> assistant(String text, List<ToolCall> calls) {
        var message = message("assistant", text);
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls.stream().map(OpenAiClient::call).toList());
        }
        return message;
    }

    private static Map<String, Object> call(ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", call.arguments());
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("id", call.id());
        whole.putAll(asFunction(function));
        return whole;
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
