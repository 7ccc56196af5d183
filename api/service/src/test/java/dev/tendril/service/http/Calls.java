package dev.tendril.service.http;

import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Plain HTTP/1.1 calls to a server under test. Sends exactly what it is told and never throws at
/// an error status.
public final class Calls {

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final URI base;
    private final ObjectMapper json = ObjectMapper.getDefault();

    /// @param base the server, such as `http://localhost:8080`
    public Calls(URI base) {
        this.base = base;
    }

    /// GET.
    public Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    /// POST of a JSON text.
    public Answer post(String path, @Nullable String body, String... headers) {
        return send("POST", path, body, headers);
    }

    /// DELETE.
    public Answer delete(String path, String... headers) {
        return send("DELETE", path, null, headers);
    }

    /// Any call; `Content-Type: application/json` unless a header says otherwise.
    public Answer send(String method, String path, @Nullable String body, String... headers) {
        var request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(30));
        request.method(
                method,
                body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            return new Answer(
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString()), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// What came back.
    public record Answer(HttpResponse<String> response, ObjectMapper json) {

        /// HTTP status.
        public int status() {
            return response.statusCode();
        }

        /// The whole body.
        public String body() {
            return response.body();
        }

        /// The first header of that name, or an empty text.
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /// The body as a record.
        public <T> T as(Class<T> type) {
            try {
                return json.readValue(body(), type);
            } catch (IOException e) {
                throw new UncheckedIOException(body(), e);
            }
        }

        /// The body as a JSON object.
        public Map<String, Object> object() {
            try {
                return json.readValue(body(), Argument.mapOf(String.class, Object.class));
            } catch (IOException e) {
                throw new UncheckedIOException(body(), e);
            }
        }

        /// `code` of a problem, or an empty text.
        public String code() {
            return body().startsWith("{") ? String.valueOf(object().get("code")) : "";
        }
    }
}
