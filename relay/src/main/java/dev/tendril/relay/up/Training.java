package dev.tendril.relay.up;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One visit with one question, so that the start-up cache holds what the first visitor needs.
/// Whatever fails is left out: a smaller cache is no error.
final class Training {
    private static final int PATIENCE_MS = 20_000;

    private Training() {}

    static void visit(@Nullable Ready ready) {
        if (ready == null) {
            return;
        }
        try {
            Readiness.get(ready.page());
            var sessions = ready.url() + "/api/v1/sessions";
            var opening =
                    "{\"site\":\"" + ready.site() + "\",\"code\":\"" + ready.accessCode() + "\"}";
            var token = Json.strings(call("POST", sessions, opening, null), "token").getFirst();
            var chats = ready.url() + "/api/v1/chats";
            var chat =
                    chats + "/" + Json.strings(call("POST", chats, "{}", token), "id").getFirst();
            var message =
                    "{\"id\":\""
                            + UUID.randomUUID()
                            + "\",\"parts\":[{\"type\":\"text\",\"text\":\"What is Tendril?\"}]}";
            call("POST", chat + "/messages", message, token);
            // Ends with the answer.
            call("GET", chat + "/stream?after=0", null, token);
            call("GET", chat + "/messages", null, token);
        } catch (IOException | RuntimeException e) {
            System.err.println("tendril: the training visit ended early: " + e.getMessage());
        }
    }

    private static String call(
            String method, String url, @Nullable String body, @Nullable String token)
            throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(PATIENCE_MS);
        connection.setReadTimeout(PATIENCE_MS);
        if (token != null) {
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            try (var out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        try (var in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }
}
