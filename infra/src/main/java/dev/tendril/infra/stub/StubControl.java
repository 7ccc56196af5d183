package dev.tendril.infra.stub;

import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/// The controls of a stub in another process.
public final class StubControl {
    private final HttpClient http;
    private final URI url;

    /// @param url as the stub printed it at its start
    public StubControl(HttpClient http, URI url) {
        this.http = http;
        this.url = url;
    }

    /// What a worker is told as its model's address.
    public URI baseUrl() {
        return url.resolve("/v1");
    }

    /// Sets the standing plan: the one at the stub's start with these settings.
    ///
    /// @param settings as in [StubPlan#with]; empty to return to the start
    public void plan(String settings) throws IOException, InterruptedException {
        send("PUT", "/control/plan", settings);
    }

    /// The requests so far, oldest first.
    public List<SeenRequest> requests() throws IOException, InterruptedException {
        return Json.list(send("GET", "/control/requests", ""), SeenRequest.class);
    }

    /// Those requests whose last user message contains `text`.
    public List<SeenRequest> requests(String text) throws IOException, InterruptedException {
        return requests().stream().filter(r -> r.lastUserText().contains(text)).toList();
    }

    private byte[] send(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(url.resolve(path))
                        .timeout(Duration.ofSeconds(5))
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("stub answered " + response.statusCode() + " to " + path);
        }
        return response.body();
    }
}
