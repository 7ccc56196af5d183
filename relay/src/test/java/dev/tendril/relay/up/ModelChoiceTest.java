package dev.tendril.relay.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ModelChoiceTest {
    private static final String TAGS =
            """
            {"models":[{"name":"nomic-embed-text:latest"},{"name":"llama3.2:latest"},{"name":"qwen3:8b"}]}
            """;

    @TempDir Path folder;

    @Test
    void aNamedEndpointWinsOverOllama() {
        var choice = choose(TAGS, Map.of(), "--model-url", "http://127.0.0.1:8000/v1");
        assertEquals(List.of("--model-url", "http://127.0.0.1:8000/v1"), choice.workerOptions());
    }

    @Test
    void theOptionWinsOverTheVariable() {
        var variables = Map.of("TENDRIL_MODEL_URL", "http://b/v1", "TENDRIL_MODEL", "m");
        var choice = choose(null, variables, "--model-url", "http://a/v1");
        assertEquals(List.of("--model-url", "http://a/v1", "--model", "m"), choice.workerOptions());
        assertEquals("http://b/v1", choose(null, variables).url());
    }

    @Test
    void anOllamaGivesItsFirstModelThatCanTalk() {
        var choice = choose(TAGS, Map.of());
        assertEquals(
                List.of("--model-url", "http://127.0.0.1:11434/v1", "--model", "llama3.2:latest"),
                choice.workerOptions());
        assertEquals("qwen3:8b", choose(TAGS, Map.of(), "--model", "qwen3:8b").name());
        assertEquals("llama3.2:latest", choose(TAGS, Map.of(), "--model", "llama3.2").name());
        assertThrows(UpFailure.class, () -> choose(TAGS, Map.of(), "--model", "gone"));
    }

    @Test
    void theGuideAnswersWhenNobodyElseDoes() {
        for (var answer : new @Nullable String[] {null, "{\"models\":[]}", "<html>", ""}) {
            var choice = choose(answer, Map.of());
            assertNull(choice.url());
            assertEquals(List.of(), choice.workerOptions());
        }
        assertNull(choose(TAGS, Map.of(), "--model", "guide").url());
        var variables = Map.of("TENDRIL_MODEL_URL", "http://b/v1");
        assertEquals(List.of(), choose(TAGS, variables, "--model", "guide").workerOptions());
    }

    @Test
    void aKeyFileMustBeThereAndNoPasswordIsShown() throws Exception {
        var key = Files.writeString(folder.resolve("key"), "secret");
        var choice =
                choose(
                        null,
                        Map.of(),
                        "--model-url",
                        "https://user:hidden@host/v1",
                        "--model-key-file",
                        key.toString());
        assertEquals("at https://host/v1", choice.says());
        assertTrue(choice.workerOptions().contains(key.toString()));
        assertThrows(
                UpFailure.class,
                () -> choose(null, Map.of("TENDRIL_MODEL_KEY_FILE", folder + "/gone")));
        assertThrows(UpFailure.class, () -> choose(null, Map.of(), "--model-url", "host:80"));
    }

    private static ModelChoice choose(
            @Nullable String ollama, Map<String, String> environment, String... args) {
        var up = new Up();
        new CommandLine(up).parseArgs(args);
        return ModelChoice.choose(
                up, environment, url -> url.startsWith("http://127.0.0.1:11434/") ? ollama : null);
    }
}
