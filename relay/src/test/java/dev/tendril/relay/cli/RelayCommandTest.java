package dev.tendril.relay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The command line over a durable PostgreSQL of its own, which the data directory's note leads to;
/// and `serve` as a process.
@SuppressWarnings("NullAway.Init") // set in house()
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RelayCommandTest {

    @TempDir private static Path directory;

    private Path data;
    private EmbeddedPostgres postgres;

    @BeforeAll
    void house() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
        postgres = EmbeddedPostgres.start(PostgresOptions.at(directory.resolve("postgres")));
        Files.writeString(data.resolve("database-url"), postgres.url());
    }

    @AfterAll
    void close() {
        postgres.close();
    }

    @Test
    void sitesCodesAndTokensComeAndGo() {
        assertEquals(0, run("workspace", "create", "lab", "--title", "Lab").code());
        Outcome again = run("workspace", "create", "lab", "--title", "Lab");
        assertEquals(1, again.code());
        assertTrue(again.err().contains("There is a site lab already."));
        assertTrue(run("workspace", "list").out().contains("lab\tLab"));

        String code = run("code", "create", "--site", "lab", "--label", "friends").out().strip();
        assertTrue(code.matches("[0-9A-Z]{4}-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}"), code);
        String id = code.substring(0, 4);
        assertTrue(run("code", "list", "--site", "lab").out().contains(id + "\tusable\tfriends"));
        assertEquals(
                0,
                run("code", "revoke", id.toLowerCase(java.util.Locale.ROOT), "--site", "lab")
                        .code());
        assertTrue(run("code", "list", "--site", "lab").out().contains(id + "\trevoked"));
        assertEquals(1, run("code", "revoke", id, "--site", "lab").code());

        String token = run("token", "create", "--site", "lab", "--name", "attic").out().strip();
        assertTrue(token.matches("tnd_wk_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}"), token);
        String tokenId = token.substring(7, 17);
        String listed = run("token", "list", "--site", "lab").out();
        assertTrue(listed.contains(tokenId + "\tnew\tattic"), listed);
        assertFalse(listed.contains(token));
        assertEquals(0, run("token", "revoke", tokenId, "--site", "lab").code());
        assertTrue(run("token", "list", "--site", "lab").out().contains(tokenId + "\trevoked"));
    }

    @Test
    void theQueueOfASiteIsSetAndSeen() {
        assertEquals(
                0,
                run("workspace", "create", "queue", "--title", "Q", "--max-running", "4").code());
        assertEquals(
                "max-running\t4\nneeds\tmodel:qwen3:8b,tools\npriority\t100\nown-models\tnone\n",
                run("workspace", "set", "queue", "--needs", "tools, model:qwen3:8b").out());
        assertEquals(
                "max-running\tnone\nneeds\tnone\npriority\t7\nown-models\tnone\n",
                run(
                                "workspace",
                                "set",
                                "queue",
                                "--needs",
                                "none",
                                "--max-running",
                                "none",
                                "--priority",
                                "7")
                        .out());
        assertEquals("", run("run", "list", "--site", "queue", "--failed").out());
        for (String change : List.of("show", "retry", "cancel")) {
            Outcome outcome = run("run", change, "--site", "queue", "4711");
            assertEquals(1, outcome.code());
            assertEquals("relay: This site has no run of that id.", outcome.err().strip());
        }
        assertEquals(1, run("workspace", "set", "queue", "--max-running", "0").code());
        assertEquals(1, run("workspace", "set", "queue", "--needs", "a b").code());
    }

    @Test
    void whatVisitorsAgreeToHasVersions() throws IOException {
        assertEquals(0, run("workspace", "create", "pact", "--title", "Pact").code());
        Path text = Files.writeString(directory.resolve("consent.txt"), "Kept for 30 days.\n");
        assertEquals("none\n", run("workspace", "consent", "pact").out());
        assertEquals(
                "1\tKept for 30 days.\n",
                run("workspace", "consent", "pact", text.toString()).out());
        assertEquals(
                "1\tKept for 30 days.\n",
                run("workspace", "consent", "pact", text.toString()).out());
        Files.writeString(text, "Kept for a year.");
        assertEquals(
                "2\tKept for a year.\n",
                run("workspace", "consent", "pact", text.toString()).out());
        assertEquals("none\n", run("workspace", "consent", "pact", "--off").out());
        assertEquals(1, run("workspace", "consent", "pact", "/nowhere").code());
        assertEquals(1, run("workspace", "consent", "nowhere").code());
        Files.writeString(text, " \n");
        assertEquals(1, run("workspace", "consent", "pact", text.toString()).code());
    }

    @Test
    void shareLinksAreListedAndEnded() {
        assertEquals(0, run("workspace", "create", "links", "--title", "Links").code());
        assertEquals("", run("share", "list", "--site", "links").out());
        assertEquals(1, run("share", "list", "--site", "links", "--limit", "0").code());
        assertEquals(
                1,
                run("share", "revoke", "--site", "links", new java.util.UUID(0, 1).toString())
                        .code());
        assertEquals(2, run("share", "revoke", "--site", "links", "no-id").code());
    }

    @Test
    void aMistakeGetsOneSentence() {
        for (List<String> mistake :
                List.of(
                        List.of("code", "create", "--site", "nowhere"),
                        List.of("code", "create", "--expires", "soon"),
                        List.of("workspace", "create", "No!", "--title", "x"),
                        List.of("workspace", "create", "x", "--title", ""))) {
            Outcome outcome = run(mistake.toArray(String[]::new));
            assertEquals(1, outcome.code(), mistake.toString());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
            assertTrue(outcome.err().startsWith("relay: "), outcome.err());
        }
        assertEquals(2, run().code());
        assertEquals(2, run("nonsense").code());
        assertEquals(2, run("code").code());
        assertEquals(2, run("serve", "--port", "x").code());
        assertEquals(0, run("--help").code());
        assertEquals(0, run("--version").code());
    }

    @Test
    void serveProvisionsListensAndLeaves() throws Exception {
        Path provision = directory.resolve("provision");
        String code;
        try (Serving relay = serve(provision, List.of())) {
            assertEquals(200, relay.get("/health/ready").statusCode());
            assertEquals(200, relay.get("/api/v1/sites/home").statusCode());
            code = Files.readString(provision.resolve("access-code")).strip();
            assertEquals(201, relay.open(code));
            for (String file : new String[] {"access-code", "worker-token"}) {
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(provision.resolve(file))));
            }
            long begun = System.nanoTime();
            relay.process().destroy();
            assertTrue(relay.process().waitFor(15, TimeUnit.SECONDS), "left within the grace");
            assertTrue(System.nanoTime() - begun < Duration.ofSeconds(10).toNanos());
        }
        String log = Files.readString(directory.resolve("serve.log"));
        assertTrue(log.lines().allMatch(line -> line.startsWith("{")), log);
        assertFalse(log.contains(code));
        assertTrue(log.contains("session_created"));

        Files.delete(provision.resolve("worker-token"));
        try (Serving relay = serve(provision, List.of())) {
            assertEquals(code, Files.readString(provision.resolve("access-code")).strip());
            assertTrue(Files.exists(provision.resolve("worker-token")));
            assertEquals(201, relay.open(code));
        }
        assertEquals(0, run("code", "revoke", code.substring(0, 4)).code());
        try (Serving relay = serve(provision, List.of())) {
            String anew = Files.readString(provision.resolve("access-code")).strip();
            assertNotEquals(code, anew);
            assertEquals(201, relay.open(anew));
        }
    }

    @Test
    void serveEndsWithItsParent() throws Exception {
        Process parent = new ProcessBuilder("sleep", "600").start();
        try (Serving relay =
                serve(
                        directory.resolve("provision-2"),
                        List.of("--parent-pid", Long.toString(parent.pid())))) {
            parent.destroyForcibly();

            assertTrue(relay.process().waitFor(20, TimeUnit.SECONDS), "left with its parent");
            assertEquals(0, relay.process().exitValue());
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aServerThatWouldLoseMessagesIsRefused() throws Exception {
        try (EmbeddedPostgres careless =
                EmbeddedPostgres.start(
                        PostgresOptions.at(directory.resolve("careless")).volatileForTests())) {
            Path other = Files.createDirectory(directory.resolve("other"));
            Files.writeString(other.resolve("database-url"), careless.url());

            Outcome outcome = capture("workspace", "list", "--data-dir", other.toString());

            assertEquals(1, outcome.code());
            assertTrue(outcome.err().contains("fsync"), outcome.err());
        }
    }

    private Serving serve(Path provision, List<String> more) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dlogback.configurationFile=logback.xml",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.tendril.relay.Main",
                                "serve",
                                "--port",
                                "0",
                                "--data-dir",
                                data.toString(),
                                "--provision",
                                provision.toString()));
        command.addAll(more);
        Path log = directory.resolve("serve.log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        Instant deadline = Instant.now().plusSeconds(60);
        while (true) {
            String text = Files.readString(log);
            int at = text.indexOf("http:\\/\\/");
            int end = at < 0 ? -1 : text.indexOf('"', at);
            if (end > 0) {
                return new Serving(
                        process, URI.create(text.substring(at, end).replace("\\/", "/")));
            }
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                process.destroyForcibly();
                throw new AssertionError("serve did not start: " + text);
            }
            process.waitFor(50, TimeUnit.MILLISECONDS);
        }
    }

    private Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        boolean leaf = arguments.length > 1 && !arguments[1].equals("--port");
        if (leaf) {
            all.addAll(List.of("--data-dir", data.toString()));
        }
        return capture(all.toArray(String[]::new));
    }

    private static synchronized Outcome capture(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        var outBytes = new ByteArrayOutputStream();
        var errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, UTF_8));
            System.setErr(new PrintStream(errBytes, true, UTF_8));
            int code = RelayCommand.run(arguments);
            return new Outcome(code, outBytes.toString(UTF_8), errBytes.toString(UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private record Outcome(int code, String out, String err) {}

    private record Serving(Process process, URI uri) implements AutoCloseable {

        HttpResponse<String> get(String path) throws Exception {
            try (HttpClient client = HttpClient.newHttpClient()) {
                return client.send(
                        HttpRequest.newBuilder(uri.resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString());
            }
        }

        int open(String code) throws Exception {
            try (HttpClient client = HttpClient.newHttpClient()) {
                return client.send(
                                HttpRequest.newBuilder(uri.resolve("/api/v1/sessions"))
                                        .header("Content-Type", "application/json")
                                        .POST(
                                                HttpRequest.BodyPublishers.ofString(
                                                        "{\"site\":\"home\",\"code\":\""
                                                                + code
                                                                + "\"}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .statusCode();
            }
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
