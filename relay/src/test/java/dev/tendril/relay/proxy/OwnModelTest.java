package dev.tendril.relay.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.proxy.EndpointStore;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A visitor's own model behind the relay: bytes go through, and nothing stays.
@SuppressWarnings("NullAway.Init") // set in start()
@MicronautTest(transactional = false)
final class OwnModelTest extends DatabaseTest {

    private static final String KEY = "sk-canary-5f1d77";

    @Inject EndpointStore endpoints;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConcurrentLinkedQueue<Map<String, List<String>>> heads =
            new ConcurrentLinkedQueue<>();
    private final CountDownLatch second = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private Stage stage;
    private HttpServer model;
    private String endpoint;

    @BeforeAll
    void start(EmbeddedServer server, Tokens tokens) throws IOException {
        stage = new Stage(server, tokens, dataSource(), "own");
        model = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        model.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        model.createContext("/v1/", this::answer);
        model.start();
        endpoint = "http://127.0.0.1:" + model.getAddress().getPort() + "/v1";
        endpoints.allow(stage.workspace(), List.of(endpoint, "http://127.0.0.1:1/v1"));
    }

    @AfterAll
    void stop() {
        model.stop(0);
    }

    private void answer(HttpExchange call) throws IOException {
        var head = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        head.putAll(call.getRequestHeaders());
        heads.add(head);
        String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        try (call) {
            if (call.getRequestURI().getPath().equals("/v1/models")) {
                say(call, 200, "{\"data\":[{\"id\":\"mine\"}]}");
            } else if (body.contains("refuse")) {
                say(call, 401, "{\"error\":\"bad key " + KEY + "\"}");
            } else if (body.contains("redirect")) {
                call.getResponseHeaders().set("Location", "http://127.0.0.1:1/elsewhere");
                say(call, 302, "");
            } else {
                call.sendResponseHeaders(200, 0);
                var out = call.getResponseBody();
                out.write("data: {\"one\"}\n\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                if (body.contains("hang")) {
                    untilGone(call);
                } else if (body.contains("huge")) {
                    byte[] block = new byte[64 * 1024];
                    for (int i = 0; i < 200; i++) {
                        out.write(block);
                    }
                } else {
                    assertTrue(second.await(20, TimeUnit.SECONDS));
                    out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Comments, until nobody takes them any more.
    private void untilGone(HttpExchange call) throws InterruptedException {
        var pause = new CountDownLatch(1);
        try {
            while (!pause.await(50, TimeUnit.MILLISECONDS)) {
                call.getResponseBody().write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                call.getResponseBody().flush();
            }
        } catch (IOException _) {
            gone.countDown();
        }
    }

    private static void say(HttpExchange call, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        call.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        call.getResponseBody().write(bytes);
    }

    @Test
    void bytesGoThroughAsTheyComeAndOnlyWhatTheModelMustKnow() throws Exception {
        var visitor = stage.visitor();
        assertTrue(visitor.get("/api/v1/own/endpoints").body().contains(endpoint));
        HttpResponse<InputStream> models =
                send(visitor.token(), endpoint, KEY, "/api/v1/own/models", null);
        assertEquals(200, models.statusCode());
        assertEquals("{\"data\":[{\"id\":\"mine\"}]}", text(models));

        heads.clear();
        HttpResponse<InputStream> answer = ask(visitor.token(), "{\"stream\":true}");
        assertEquals(200, answer.statusCode());
        byte[] first = answer.body().readNBytes(15);
        assertEquals("data: {\"one\"}\n\n", new String(first, StandardCharsets.UTF_8));
        second.countDown();
        assertEquals("data: [DONE]\n\n", text(answer));
        Map<String, List<String>> head = heads.remove();
        assertEquals(List.of("Bearer " + KEY), head.get("Authorization"));
        assertTrue(!head.toString().contains(visitor.token()), "the visitor's token stays here");
        head.keySet()
                .forEach(name ->
                        assertTrue(
                                List.of(
                                                "accept",
                                                "authorization",
                                                "connection",
                                                "content-length",
                                                "content-type",
                                                "host",
                                                "user-agent")
                                        .contains(name.toLowerCase(java.util.Locale.ROOT)),
                                name));
        nothingStayed();
    }

    @Test
    void whoLetsGoEndsTheModelsWorkToo() throws Exception {
        var visitor = stage.visitor();
        HttpResponse<InputStream> answer = ask(visitor.token(), "{\"hang\":1}");
        answer.body().readNBytes(15);
        HttpResponse<InputStream> beside = ask(visitor.token(), "{\"hang\":2}");
        assertEquals(200, beside.statusCode());
        assertEquals(429, ask(visitor.token(), "{\"hang\":3}").statusCode(), "two at once");
        answer.body().close();
        beside.body().close();
        assertTrue(gone.await(20, TimeUnit.SECONDS), "the model hears that nobody listens");
        Stage.await(
                "a place is free again",
                Duration.ofSeconds(10),
                () -> quietly(() -> ask(visitor.token(), "{\"refuse\":1}").statusCode()) == 422);
    }

    @Test
    void whatIsNotAllowedDoesNotLeave() throws Exception {
        var visitor = stage.visitor();
        refused(
                "not allow",
                send(visitor.token(), "http://127.0.0.1:1/v2", KEY, "/api/v1/own/models", null));
        refused(
                "not allow",
                send(visitor.token(), endpoint + "/../x", KEY, "/api/v1/own/models", null));
        refused(
                "does not answer",
                send(visitor.token(), "http://127.0.0.1:1/v1", KEY, "/api/v1/own/models", null));
        refused("not accept the key", ask(visitor.token(), "{\"refuse\":1}"));
        refused("status 302", ask(visitor.token(), "{\"redirect\":1}"));
        assertEquals(
                400,
                send(visitor.token(), endpoint, "two words", "/api/v1/own/models", null)
                        .statusCode());
        assertEquals(
                404,
                send(visitor.token(), endpoint, KEY, "/api/v1/own/embeddings", "{}").statusCode());
        assertEquals(401, send("nobody", endpoint, KEY, "/api/v1/own/models", null).statusCode());
        assertEquals(413, ask(visitor.token(), "\"" + "x".repeat(200_000) + "\"").statusCode());
        var elsewhere = new Stage(stage, "own-elsewhere").visitor();
        refused("not allow", send(elsewhere.token(), endpoint, KEY, "/api/v1/own/models", null));
        HttpResponse<InputStream> huge = ask(visitor.token(), "{\"huge\":1}");
        int length = huge.body().readAllBytes().length;
        assertTrue(length <= 4 * 1024 * 1024, "bytes: " + length);
        nothingStayed();
    }

    private void nothingStayed() {
        for (String table :
                stage.sql(
                                "select string_agg(tablename, ',') from pg_tables where schemaname = 'public'")
                        .split(",")) {
            assertEquals(
                    "0",
                    stage.sql(
                            "select count(*) from %s t where t::text like '%%canary-5f1d77%%'"
                                    .formatted(table)),
                    table);
        }
    }

    private static int quietly(java.util.concurrent.Callable<Integer> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refused(String words, HttpResponse<InputStream> answer) throws IOException {
        String body = text(answer);
        assertEquals(422, answer.statusCode(), body);
        assertTrue(body.contains("model_refused") && body.contains(words), body);
        assertTrue(!body.contains("canary"), body);
    }

    private static String text(HttpResponse<InputStream> answer) throws IOException {
        return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
    }

    private HttpResponse<InputStream> ask(String token, String body)
            throws IOException, InterruptedException {
        return send(token, endpoint, KEY, "/api/v1/own/chat/completions", body);
    }

    private HttpResponse<InputStream> send(
            String token,
            String to,
            String key,
            String path,
            @org.jspecify.annotations.Nullable String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(stage.uri().resolve(path))
                        .header("Authorization", "Bearer " + token)
                        .header("X-Model-Endpoint", to)
                        .header("X-Model-Key", key)
                        .header("Cookie", "a=b");
        if (body != null) {
            request.header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }
}
