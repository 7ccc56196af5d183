package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The program in a process of its own.
class ProcessTest {
    private final RelayDouble relay = new RelayDouble();
    private final ModelDouble server = new ModelDouble();
    private final List<Process> processes = new ArrayList<>();
    @TempDir private Path dir;

    @AfterEach
    void close() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly();
            process.waitFor(5, TimeUnit.SECONDS);
        }
        relay.close();
        server.close();
    }

    private Process start(String... more) throws IOException {
        Files.writeString(dir.resolve("token"), RelayDouble.TOKEN);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--relay", relay.uri().toString()));
        command.addAll(List.of("--token-file", dir.resolve("token").toString()));
        command.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        command.addAll(List.of(more));
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TENDRIL_"));
        Process process =
                builder.redirectErrorStream(true)
                        .redirectOutput(dir.resolve("log").toFile())
                        .start();
        processes.add(process);
        return process;
    }

    private String log() throws IOException {
        return Files.readString(dir.resolve("log"));
    }

    private int exit(Process process) throws InterruptedException, IOException {
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), log());
        return process.exitValue();
    }

    private void awaitClaim() {
        Wire.await(
                Duration.ofSeconds(20),
                "the first claim",
                () -> relay.calls().contains("/api/v1/claims"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void answersFromItsPagesAndListensNowhere() throws Exception {
        Process process = start();
        awaitClaim();
        ClaimedRun run = relay.ask("How do I plug in my own model?");
        Wire.await("words", () -> relay.text(run.runId()).length() > 20);
        assertFalse(
                listening(ProcessHandle.current().pid()).isEmpty(),
                "this test does not even see its own relay listen");
        assertEquals(Set.of(), listening(process.pid()), "while answering");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertTrue(relay.batchSizes(run.runId()).size() > 10, "the answer did not stream");
        assertEquals(Set.of(), listening(process.pid()), "while idle");
        assertEquals("guide", relay.sessions().getFirst().modelKind());
        process.destroy();
        assertEquals(143, exit(process));
        assertTrue(relay.drained(), log());
        assertFalse(log().contains("plug in my own"), "a message's text is in the log");
        assertFalse(log().contains(RelayDouble.TOKEN), "the token is in the log");
        assertTrue(log().lines().allMatch(line -> line.startsWith("{")), log());
    }

    /// Listening TCP and bound UDP sockets among the process's file descriptors.
    private static Set<String> listening(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path link : links.toList()) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring(8, target.length() - 1));
                    }
                } catch (IOException e) {
                    // Closed between listing and reading.
                }
            }
        }
        assertFalse(inodes.isEmpty(), "no socket was found, not even the one to the relay");
        Set<String> found = new HashSet<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path file = Path.of("/proc", Long.toString(pid), "net", table);
            if (!Files.exists(file)) {
                continue;
            }
            for (String line : Files.readAllLines(file)) {
                String[] fields = line.strip().split("\\s+");
                boolean listens = table.startsWith("udp") || fields[3].equals("0A");
                if (fields.length > 9 && listens && inodes.contains(fields[9])) {
                    found.add(table + " " + fields[1]);
                }
            }
        }
        return found;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFrozenWorkerWakesUpAndWritesNothing() throws Exception {
        Process process = start();
        awaitClaim();
        ClaimedRun run = relay.ask("What is Tendril?");
        Wire.await("words", () -> relay.text(run.runId()).length() > 20);
        signal("STOP", process);
        relay.stop(run.runId());
        int frames = relay.frames(run.runId()).size();
        signal("CONT", process);
        ClaimedRun next = relay.ask("How do I make a backup?");
        relay.awaitEnd(next.runId());
        assertEquals("done", relay.state(next.runId()));
        assertEquals("cancelled", relay.state(run.runId()));
        assertEquals(frames, relay.frames(run.runId()).size());
    }

    private static void signal(String name, Process process) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertEquals(0, kill.waitFor());
    }

    @Test
    void leavesWithItsParent() throws Exception {
        Process parent = new ProcessBuilder("sleep", "600").start();
        processes.add(parent);
        Process process = start("--parent-pid", Long.toString(parent.pid()));
        awaitClaim();
        assertTrue(process.isAlive());
        parent.destroyForcibly();
        assertEquals(0, exit(process));
        assertTrue(relay.drained(), log());
    }

    @Test
    void aRefusedTokenIsSaidOnce() throws Exception {
        relay.revokeToken();
        Process process = start("--log-format", "text");
        assertEquals(3, exit(process));
        assertTrue(
                log().contains("tendril worker: The relay does not accept this worker's token"),
                log());
    }

    @Test
    void aKeyThatTheRelayDoesNotKnowIsRefused() throws Exception {
        Process first = start();
        awaitClaim();
        first.destroy();
        exit(first);
        Files.delete(dir.resolve("data").resolve("worker.key"));
        Process second = start();
        assertEquals(3, exit(second));
        assertTrue(log().contains("this worker's key"), log());
    }

    @Test
    void anUnusableDataDirectoryIsSaidOnce() throws Exception {
        Files.writeString(dir.resolve("data"), "a file");
        Process process = start();
        assertEquals(4, exit(process));
        assertTrue(log().contains("The data directory"), log());
    }

    @Test
    void aKilledRelayIsFoundAgain() throws Exception {
        Process process = start();
        awaitClaim();
        relay.away();
        relay.back();
        ClaimedRun run = relay.ask("What is Tendril?");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertTrue(process.isAlive());
    }

    @Test
    void theModelsNameIsLearnedFromTheEndpoint() throws Exception {
        server.then(call -> call.say("Hello from the model."));
        start("--model-url", server.url());
        awaitClaim();
        assertEquals("little-model", relay.sessions().getFirst().model());
        assertEquals("llm", relay.sessions().getFirst().modelKind());
        ClaimedRun run = relay.ask("Hello?");
        relay.awaitEnd(run.runId());
        assertEquals("Hello from the model.", relay.text(run.runId()));
    }
}
