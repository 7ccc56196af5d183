package dev.tendril.worker.tool.web;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `search_web`: asks the operator's SearXNG. Its address comes from the operator alone, so it may
/// be in the own network; redirects are not followed.
public final class SearchWeb implements Tool {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 2 * 1024 * 1024;
    private static final ToolCard CARD =
            ToolCard.harmless(
                            "search_web",
                            "Search the web. Gives titles, addresses and short excerpts.",
                            """
                            {"type": "object",
                             "properties": {
                               "query": {"type": "string", "minLength": 1, "maxLength": 200},
                               "limit": {"type": "integer", "minimum": 1, "maximum": 10}},
                             "required": ["query"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.EGRESS), true)
                    .within(LIMIT.plusSeconds(2));

    private final URI endpoint;
    private final HttpClient http;

    /// @param endpoint e.g. `http://127.0.0.1:8888`
    /// @param http must not follow redirects
    public SearchWeb(URI endpoint, HttpClient http) {
        this.endpoint = endpoint;
        this.http = http;
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context)
            throws ToolException, InterruptedException {
        String query = URLEncoder.encode(input.text("query"), StandardCharsets.UTF_8);
        String base = endpoint.toString().replaceFirst("/+$", "");
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(base + "/search?format=json&q=" + query))
                        .timeout(LIMIT)
                        .header("Accept", "application/json")
                        .build();
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new ToolException("The search answered " + response.statusCode() + ".");
                }
                byte[] bytes = body.readNBytes(MAX_BYTES);
                return found(new String(bytes, StandardCharsets.UTF_8), input.number("limit", 5));
            }
        } catch (IOException e) {
            throw new ToolException("The search does not answer.");
        } catch (BadJson e) {
            throw new ToolException("The search answered with something that is no JSON.");
        }
    }

    private static ToolResult found(String json, int limit) throws BadJson {
        List<Object> hits = new ArrayList<>();
        if (Json.readObject(json).get("results") instanceof List<?> results) {
            for (Object result : results) {
                if (hits.size() < limit && result instanceof Map<?, ?> map) {
                    Map<String, @Nullable Object> from = Json.object(map);
                    String url = String.valueOf(from.get("url"));
                    if (url.startsWith("https://") || url.startsWith("http://")) {
                        Map<String, @Nullable Object> hit = new LinkedHashMap<>();
                        hit.put("title", PlainText.headAndTail(text(from.get("title")), 200));
                        hit.put("url", PlainText.headAndTail(url, 500));
                        hit.put("excerpt", PlainText.headAndTail(text(from.get("content")), 500));
                        hits.add(hit);
                    }
                }
            }
        }
        return ToolResult.of(Map.of("found", hits));
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }
}
