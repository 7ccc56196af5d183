package dev.tendril.infra.bench;

import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Reads the model directly: what there is to compare with.
final class ModelReader {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final HttpClient http;
    private final URI baseUrl;

    ModelReader(HttpClient http, URI baseUrl) {
        this.http = http;
        this.baseUrl = baseUrl;
    }

    /// Asks and reads to the end.
    Sample.Recorder ask(String text) throws IOException, InterruptedException {
        byte[] body =
                Json.bytes(
                        Map.of(
                                "model",
                                "stub",
                                "stream",
                                true,
                                "messages",
                                List.of(Map.of("role", "user", "content", text))));
        var recorder = new Sample.Recorder(Clock.micros());
        var response =
                http.send(
                        HttpRequest.newBuilder(URI.create(baseUrl + "/chat/completions"))
                                .timeout(LIMIT)
                                .header("content-type", "application/json")
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofInputStream());
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {")) {
                    String delta = content(line.substring("data: ".length()));
                    if (!delta.isEmpty()) {
                        recorder.text(delta, Clock.micros());
                    }
                }
            }
        }
        return recorder;
    }

    private static String content(String json) throws IOException {
        var chunk = Json.read(json.getBytes(StandardCharsets.UTF_8), Map.class);
        if (chunk.get("choices") instanceof List<?> choices
                && !choices.isEmpty()
                && choices.getFirst() instanceof Map<?, ?> choice
                && choice.get("delta") instanceof Map<?, ?> delta
                && delta.get("content") instanceof String content) {
            return content;
        }
        return "";
    }
}
