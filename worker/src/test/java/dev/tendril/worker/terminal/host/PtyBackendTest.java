package dev.tendril.worker.terminal.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What every backend must do, with real terminals. Each line is a defect that was seen somewhere.
@Timeout(60)
class PtyBackendTest {

    private final PtyBackend backend = PtyHost.backend();

    @TempDir private Path folder;

    private PtyBackend.Pty spawn(String... command) throws IOException {
        return backend.spawn(
                new PtyBackend.Spec(
                        List.of(command),
                        folder,
                        Pty4jBackend.environment(
                                Map.of(
                                        "PATH", System.getenv("PATH"),
                                        "TENDRIL_WORKER_TOKEN", "secret",
                                        "AWS_SECRET", "secret")),
                        97,
                        31));
    }

    /// All output of a program that ends by itself.
    private static String all(PtyBackend.Pty pty) throws Exception {
        return output(pty).get(20, TimeUnit.SECONDS);
    }

    private static CompletableFuture<String> output(PtyBackend.Pty pty) {
        CompletableFuture<String> all = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    byte[] buffer = new byte[8192];
                    try {
                        int length = pty.read(buffer);
                        while (length >= 0) {
                            bytes.write(buffer, 0, length);
                            length = pty.read(buffer);
                        }
                    } catch (IOException e) {
                        // The end, on some systems.
                    }
                    all.complete(bytes.toString(StandardCharsets.ISO_8859_1));
                });
        return all;
    }

    @Test
    void theFirstProgramSeesItsSizeAndUtf8Editing() throws Exception {
        for (int i = 0; i < 10; i++) {
            String said = all(spawn("sh", "-c", "stty size; stty -a"));
            assertTrue(said.startsWith("31 97\r\n"), said);
            assertTrue(said.contains(" iutf8"), said);
        }
    }

    @Test
    void whatIsNotThereIsRefusedAndNoShellBegins() {
        var noProgram = assertThrows(IOException.class, () -> spawn("no-such-program"));
        assertEquals("There is no program no-such-program.", noProgram.getMessage());
        assertThrows(IOException.class, () -> spawn("/bin"));
        var noFolder =
                assertThrows(
                        IOException.class,
                        () ->
                                backend.spawn(
                                        new PtyBackend.Spec(
                                                List.of("sh"),
                                                folder.resolve("gone"),
                                                Map.of(),
                                                80,
                                                24)));
        assertTrue(noFolder.getMessage().startsWith("There is no folder"), noFolder.getMessage());
    }

    @Test
    void itBeginsInItsFolderWithACleanEnvironment() throws Exception {
        String said = all(spawn("sh", "-c", "pwd; env"));
        assertTrue(said.contains(folder.toRealPath().toString()), said);
        assertTrue(said.contains("TERM=xterm-256color"), said);
        assertTrue(said.contains("COLORTERM=truecolor"), said);
        assertFalse(said.contains("secret"), said);
    }

    @Test
    void exitValuesArrive() throws Exception {
        assertEquals(7, ended("exit 7"));
        assertEquals(0, ended("true"));
        assertEquals(137, ended("kill -9 $$"));
    }

    private int ended(String script) throws Exception {
        PtyBackend.Pty pty = spawn("sh", "-c", script);
        all(pty);
        return pty.waitFor();
    }

    @Test
    void everyByteOfALargePasteArrives() throws Exception {
        byte[] paste = new byte[1_000_000];
        for (int i = 0; i < paste.length; i++) {
            paste[i] = (byte) ('a' + i % 26);
        }
        PtyBackend.Pty pty =
                spawn("sh", "-c", "stty raw -echo; echo go; head -c 1000000 | cksum; exit 3");
        CompletableFuture<String> output = output(pty);
        LockSupport.parkNanos(
                300_000_000); // `stty raw` must have been: a paste of canonical lines is cut
        pty.write(paste);
        Process sum = new ProcessBuilder("cksum").start();
        sum.getOutputStream().write(paste);
        sum.getOutputStream().close();
        String expected = new String(sum.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String said = output.get(30, TimeUnit.SECONDS);
        assertTrue(said.contains(expected.strip()), said);
        assertEquals(3, pty.waitFor());
    }

    @Test
    void aNewSizeIsSeen() throws Exception {
        PtyBackend.Pty pty =
                spawn(
                        "sh",
                        "-c",
                        "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done");
        CompletableFuture<String> output = output(pty);
        LockSupport.parkNanos(300_000_000);
        pty.resize(120, 40);
        assertTrue(output.get(10, TimeUnit.SECONDS).contains("40 120"));
    }

    @Test
    void theEndTakesEverythingAlong() throws Exception {
        Path pids = folder.resolve("pids");
        PtyBackend.Pty pty =
                spawn(
                        "bash",
                        "-c",
                        ("sleep 300 & echo $! >> %1$s; nohup sleep 300 >/dev/null 2>&1 & echo $! >> %1$s;"
                                        + " bash -c 'trap \"\" HUP TERM INT; echo $$ >> %1$s; while :; do"
                                        + " sleep 0.1; done' & sleep 300")
                                .formatted(pids));
        output(pty);
        long until = System.nanoTime() + 10_000_000_000L;
        while (!Files.exists(pids) || Files.readAllLines(pids).size() < 3) {
            assertTrue(System.nanoTime() - until < 0, "programs did not start");
            LockSupport.parkNanos(10_000_000);
        }
        pty.end();
        pty.waitFor();
        for (String pid : Files.readAllLines(pids)) {
            boolean gone = false;
            while (!gone && System.nanoTime() - until < 0) {
                gone =
                        !ProcessHandle.of(Long.parseLong(pid))
                                .map(ProcessHandle::isAlive)
                                .orElse(false);
                LockSupport.parkNanos(10_000_000);
            }
            assertTrue(gone, "still there: " + pid);
        }
    }
}
