package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelProfilesTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir private Path dir;

    private ModelProfiles read(String yaml) throws BadFile {
        return ModelProfiles.read(
                YamlSection.parse("worker.yml", yaml), dir, Map.of("LARGE_KEY", " sk-env "));
    }

    @Test
    void readsEveryKey() throws Exception {
        Files.writeString(dir.resolve("key"), "sk-file\n");
        ModelProfiles profiles =
                read(
                        """
                        models:
                          large:
                            endpoint: https://api.example.org
                            dialect: anthropic
                            model: large-2
                            key_file: key
                            vision: true
                            context: 128_000
                            max_output: 4000
                            timeouts: {first_byte: 30, idle: 7}
                            retries: 1
                            prices: {in: 2.50, cached: 0.25, out: 10, reasoning: 12}
                            extra: {temperature: 0.3, stop: [a, b], nested: {on: true, n: 3, no: null}}
                          small:
                            endpoint: http://127.0.0.1:11434
                            key_env: LARGE_KEY
                        order: [small, large]
                        """);
        assertEquals(List.of("small", "large"), profiles.order());
        ModelProfile large = profiles.named(List.of("large")).getFirst();
        assertEquals("sk-file", large.endpoint().key());
        assertEquals(Dialect.ANTHROPIC, large.dialect());
        assertEquals(
                new ModelTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(7)), large.timeouts());
        assertEquals(1, large.retries());
        assertEquals(
                new ModelTraits(
                        true,
                        128_000,
                        4_000,
                        new Price(
                                new BigDecimal("2.50"),
                                new BigDecimal("0.25"),
                                BigDecimal.TEN,
                                new BigDecimal("12"))),
                large.traits());
        assertEquals(
                "{\"temperature\":0.3,\"stop\":[\"a\",\"b\"],\"nested\":{\"on\":true,\"n\":3,\"no\":null}}",
                Json.write(large.extra()));
        ModelProfile small = profiles.named(List.of()).getFirst();
        assertEquals("small", small.name());
        assertEquals("sk-env", small.endpoint().key());
        assertEquals(Dialect.OPENAI, small.dialect());
        assertNull(small.endpoint().model());
    }

    @Test
    void withoutAnOrderOnlyTheFirstIsAsked() throws Exception {
        ModelProfiles profiles =
                read(
                        """
                        models:
                          b: {endpoint: "http://127.0.0.1:1"}
                          a: {endpoint: "http://127.0.0.1:2"}
                        """);
        assertEquals(List.of("b"), profiles.order());
        BadFile unknown = assertThrows(BadFile.class, () -> profiles.named(List.of("large")));
        assertTrue(unknown.getMessage().contains("no model profile large"), unknown.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "models: {a: {model: m}}",
                "models: {a: {endpoint: 'ftp://x'}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', dialect: other}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', dialect: anthropic}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', key: secret}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', key_file: nowhere}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', key_env: NOWHERE}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', vision: perhaps}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', context: 100, max_output: 100}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', prices: {in: -1}}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1', extra: {messages: []}}}",
                "models: {'a b': {endpoint: 'http://127.0.0.1:1'}}",
                "models: {a: {endpoint: 'http://127.0.0.1:1'}}\norder: [b]",
            })
    void saysWhereAFileIsWrong(String yaml) {
        BadFile wrong = assertThrows(BadFile.class, () -> read(yaml));
        assertTrue(wrong.getMessage().startsWith("worker.yml:"), wrong.getMessage());
    }

    @Test
    void aProfileDecidesAboutTheRequest() throws Exception {
        try (ModelDouble server = new ModelDouble()) {
            server.then(call -> call.send(503, "application/json", "{}"))
                    .then(call -> call.say("ok"));
            ModelProfiles profiles =
                    read(
                            """
                            models:
                              a:
                                endpoint: %s
                                model: m
                                key_env: LARGE_KEY
                                max_output: 77
                                retries: 1
                                extra: {temperature: 0.5}
                            """
                                    .formatted(server.url()));
            ModelClient client =
                    new Models(HTTP, Wire.JSON, () -> {}).inOrder(profiles.named(List.of()));
            assertEquals("ok", Answers.text(client));
            String request = server.requests().get(1);
            assertTrue(request.contains("Authorization: Bearer sk-env\r\n"), request);
            assertTrue(request.contains("\"max_tokens\":77,\"temperature\":0.5}"), request);
        }
    }
}
