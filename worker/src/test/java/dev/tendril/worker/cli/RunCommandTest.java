package dev.tendril.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.relay.RelayDouble;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RunCommandTest {
    @TempDir private Path dir;
    private final Map<String, String> environment = new HashMap<>();
    private final StringWriter err = new StringWriter();
    private String stdin = "";
    private @Nullable Settings started;

    @BeforeEach
    void writeToken() throws IOException {
        Files.writeString(dir.resolve("token"), RelayDouble.TOKEN + "\n");
        environment.put("HOME", "/home/somebody");
    }

    private int run(String... arguments) {
        var command =
                new RunCommand(settings -> {
                    started = settings;
                    return 0;
                });
        command.world(
                environment, new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
        return new CommandLine(command)
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((e, _) -> {
                    err.append(e.getMessage());
                    return Exit.USAGE;
                })
                .execute(arguments);
    }

    private int runWith(String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--relay",
                                "http://r",
                                "--token-file",
                                dir.resolve("token").toString()));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private Settings settings() {
        return Objects.requireNonNull(started, err.toString());
    }

    private void refused(String sentence, int exit) {
        assertEquals(Exit.USAGE, exit, err.toString());
        assertTrue(err.toString().contains(sentence), err.toString());
        assertNull(started);
        assertFalse(err.toString().contains("0123456789"), "a token was repeated");
    }

    @Test
    void defaults() {
        assertEquals(0, runWith());
        assertNull(settings().model().endpoint());
        assertEquals(4, settings().limits().concurrency());
        assertEquals(Path.of("/home/somebody/.tendril/worker"), settings().dataDir());
    }

    @Test
    void environmentTwins() throws IOException {
        Files.writeString(dir.resolve("key"), "sk-1\n");
        environment.putAll(
                Map.of(
                        "TENDRIL_RELAY_URL", "https://r:1",
                        "TENDRIL_WORKER_TOKEN_FILE", dir.resolve("token").toString(),
                        "TENDRIL_WORKER_DATA_DIR", "/data",
                        "TENDRIL_MODEL_URL", "http://m:2",
                        "TENDRIL_MODEL", "big",
                        "TENDRIL_MODEL_KEY_FILE", dir.resolve("key").toString(),
                        "TENDRIL_MODEL_KEY", "not this",
                        "TENDRIL_CONTENT", dir.toString(),
                        "TENDRIL_PERSONA", dir.resolve("token").toString()));
        assertEquals(0, run("--model", "small"));
        assertEquals("https://r:1", settings().relay().toString());
        assertEquals(Path.of("/data"), settings().dataDir());
        var endpoint = settings().model().endpoint();
        assertNotNull(endpoint);
        assertEquals("http://m:2/v1", endpoint.toString());
        assertEquals("small", endpoint.model());
        assertEquals("sk-1", endpoint.key());
        assertEquals(dir, settings().site().content());
    }

    @Test
    void tokenFromStandardInput() {
        stdin = RelayDouble.TOKEN;
        assertEquals(0, run("--relay", "http://r", "--token-file", "-"));
        assertEquals("abcdefghij", settings().token().id());
    }

    @Test
    void tokenFromTheEnvironmentWarns() {
        environment.put("TENDRIL_WORKER_TOKEN", RelayDouble.TOKEN);
        assertEquals(0, run("--relay", "http://r"));
        assertTrue(err.toString().contains("Warning"), err.toString());
    }

    @Test
    void tokenOnTheCommandLineIsRefused() {
        refused(
                "could be read by every user",
                run("--relay", "http://r", "--token", RelayDouble.TOKEN));
        refused(
                "could be read by every user",
                run("--relay", "http://r", "--token-file", RelayDouble.TOKEN));
    }

    @Test
    void badInputGetsASentence() throws IOException {
        refused("where the relay is", run("--token-file", "t"));
        refused("--relay takes", runWithRelay("relay.example"));
        refused("--relay takes", runWithRelay("https://u:p@h"));
        refused("--relay takes", runWithRelay("ftp://h"));
        refused("there is no such file", run("--relay", "http://r", "--token-file", dir + "/none"));
        Files.writeString(dir.resolve("empty"), "");
        refused("it is empty", run("--relay", "http://r", "--token-file", dir + "/empty"));
        refused("with --token-file FILE", run("--relay", "http://r"));
        refused("--model-url cannot be used", runWith("--model-url", "nonsense"));
        refused("add --model-url", runWith("--model", "x"));
        refused(
                "cannot be read",
                runWith("--model-url", "http://m", "--model-key-file", dir + "/none"));
        refused("is empty", runWith("--model-url", "http://m", "--model-key-file", dir + "/empty"));
        refused("is no folder", runWith("--content", dir + "/none"));
        refused("cannot be read", runWith("--persona", dir + "/none"));
        refused("1 to 64", runWith("--concurrency", "0"));
        refused("0 to 600", runWith("--drain", "-1"));
        refused("json or text", runWith("--log-format", "xml"));
    }

    private int runWithRelay(String url) {
        return run("--relay", url, "--token-file", dir.resolve("token").toString());
    }

    @Test
    void modelGuideIsTheGuide() {
        assertEquals(0, runWith("--model", "guide"));
        assertNull(settings().model().endpoint());
    }
}
