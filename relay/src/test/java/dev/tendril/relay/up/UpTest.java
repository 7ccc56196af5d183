package dev.tendril.relay.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The supervisor as a process, over a real PostgreSQL and two stand-ins. The real relay and worker
/// under it are the drills' matter.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class UpTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir static Path folder;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        for (var process : started) {
            process.destroy();
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    @Order(1)
    void oneLineWhenReadyAndAnOrderlyEnd() throws Exception {
        var up = up("--port", "0");
        var line = ready(up);
        assertEquals(List.of("home"), Json.strings(line, "site"));
        assertEquals(List.of("K7Q2-TEST"), Json.strings(line, "accessCode"));
        assertEquals(List.of("stand-in"), Json.strings(line, "model"));
        var url = Json.strings(line, "url").getFirst();
        assertEquals(List.of(url + "/c/home"), Json.strings(line, "page"));
        assertEquals(List.of(data().toString()), Json.strings(line, "dataDir"));
        for (var who : List.of("supervisor", "relay", "worker", "postgres")) {
            assertTrue(alive(Json.strings(line, who).getFirst()), who);
        }
        assertEquals(Files.readString(data().resolve("up.json")).strip(), line);
        assertEquals("rwx------", mode(data()));
        assertEquals("rw-------", mode(data().resolve("up.json")));
        assertEquals("rw-------", mode(data().resolve("database-url")));

        up.destroy();
        assertTrue(up.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertEquals(143, up.exitValue());
        assertEquals("worker\nrelay\n", Files.readString(data().resolve("ends")));
        for (var who : List.of("relay", "worker", "postgres")) {
            assertFalse(alive(Json.strings(line, who).getFirst()), who);
        }
        assertFalse(Files.exists(data().resolve("up.json")));
        assertEquals("", output(up, "out").substring(line.length()).strip(), "nothing else");
    }

    @Test
    @Order(2)
    void whatDiesIsStartedAgainAndAKilledSupervisorLeavesNothingBehind() throws Exception {
        var first = up("--port", "0");
        var line = ready(first);
        for (var who : List.of("relay", "worker")) {
            var before = Json.strings(line, who).getFirst();
            kill(before);
            await(() -> !before.equals(state(who)) && alive(state(who)));
        }
        var children = List.of(state("relay"), state("worker"), state("postgres"));
        first.destroyForcibly().waitFor();
        var second = up("--port", "0");
        var again = ready(second);
        for (var who : children) {
            assertFalse(alive(who), "a child of the killed supervisor: " + children);
        }
        assertNotEquals(Json.strings(line, "supervisor"), Json.strings(again, "supervisor"));
    }

    @Test
    @Order(3)
    void aSecondOneOnTheSameDirectoryIsRefused() throws Exception {
        ready(up("--port", "0"));
        var second = up("--port", "0");
        assertRefused(second, "already runs on " + data());
    }

    @Test
    @Order(4)
    void aTakenPortIsOneSentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var up = up("--port", Integer.toString(taken.getLocalPort()));
            assertRefused(up, "Port " + taken.getLocalPort() + " is taken");
        }
    }

    @Test
    @Order(5)
    void aRelayThatCannotStartIsReportedWithItsReason() throws Exception {
        var up = start(StandIn.Broken.class, StandIn.Worker.class, "--port", "0");
        assertRefused(up, "the schema is from the future");
        assertFalse(Files.exists(data().resolve("up.json")));
    }

    @Test
    void aFileAsDataDirectoryIsNamed() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "");
        var up =
                start(
                        StandIn.Relay.class,
                        StandIn.Worker.class,
                        "--port",
                        "0",
                        "--data-dir",
                        file.toString());
        assertRefused(up, file.toString());
    }

    private Process up(String... options) throws Exception {
        return start(StandIn.Relay.class, StandIn.Worker.class, options);
    }

    private Process start(Class<?> relay, Class<?> worker, String... options) throws Exception {
        var number = started.size();
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Dtendril.relay.jar=" + jar(relay),
                                "-Dtendril.worker.jar=" + jar(worker),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Up.class.getName(),
                                "--json",
                                "--model",
                                "guide"));
        command.addAll(List.of(options));
        if (!command.contains("--data-dir")) {
            command.addAll(List.of("--data-dir", data().toString()));
        }
        Files.deleteIfExists(data().resolve("ends"));
        Files.deleteIfExists(data().resolve("worker/here"));
        var builder =
                new ProcessBuilder(command)
                        .redirectOutput(folder.resolve("out-" + number).toFile())
                        .redirectError(folder.resolve("err-" + number).toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TENDRIL_"));
        var process = builder.start();
        started.add(process);
        return process;
    }

    /// A jar whose only content is the way to the class.
    private static Path jar(Class<?> main) throws IOException, URISyntaxException {
        var jar = folder.resolve(main.getSimpleName() + ".jar");
        if (Files.exists(jar)) {
            return jar;
        }
        var manifest = new Manifest();
        var attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, main.getName());
        attributes.put(
                Attributes.Name.CLASS_PATH,
                main.getProtectionDomain().getCodeSource().getLocation().toURI().toString());
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.finish();
        }
        return jar;
    }

    private static Path data() {
        return folder.resolve("my data");
    }

    private String ready(Process up) throws IOException {
        await(() -> output(up, "out").endsWith("\n") || !up.isAlive());
        var line = output(up, "out").strip();
        assertFalse(line.isEmpty(), () -> "no line; it said: " + errors(up));
        return line;
    }

    private void assertRefused(Process up, String sentence) throws Exception {
        assertTrue(up.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertEquals(1, up.exitValue());
        var lines = errors(up).lines().toList();
        assertTrue(lines.getLast().contains(sentence), errors(up));
        assertFalse(errors(up).contains("\tat "), "a stack trace");
        assertEquals("", output(up, "out"));
    }

    private String errors(Process up) {
        try {
            return output(up, "err");
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String output(Process up, String stream) throws IOException {
        return Files.readString(folder.resolve(stream + "-" + started.indexOf(up)));
    }

    private static String state(String who) throws IOException {
        return Json.strings(Files.readString(data().resolve("up.json")), who).getFirst();
    }

    /// A zombie that its new parent has not buried yet is not alive.
    private static boolean alive(String pid) {
        try {
            var stat = Files.readString(Path.of("/proc", pid, "stat"));
            return !stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false;
        }
    }

    private static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "in time");
            Thread.onSpinWait();
        }
    }
}
