package dev.tendril.relay.up;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Asks over HTTP, as a visitor's browser would.
final class Readiness {
    private static final int TIMEOUT_MS = 1_000;
    private static final int OK = 200;

    private Readiness() {}

    /// @param online whether a worker would answer
    /// @param model what it announced
    record Site(boolean online, @Nullable String model) {}

    static boolean relayReady(String url) {
        return get(url + "/health/ready") != null;
    }

    /// What a visitor may know of the site; offline when the relay does not answer.
    static Site site(String url, String site) {
        var body = get(url + "/api/v1/sites/" + site);
        if (body == null) {
            return new Site(false, null);
        }
        try {
            var online = Json.strings(body, "online").contains("true");
            var models = Json.strings(body, "model");
            return new Site(online, models.isEmpty() ? null : models.getFirst());
        } catch (IOException e) {
            return new Site(false, null);
        }
    }

    /// The body of a 200; null for anything else.
    static @Nullable String get(String url) {
        try {
            var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            connection.setUseCaches(false);
            try {
                if (connection.getResponseCode() != OK) {
                    return null;
                }
                try (var in = connection.getInputStream()) {
                    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                }
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return null;
        }
    }
}
