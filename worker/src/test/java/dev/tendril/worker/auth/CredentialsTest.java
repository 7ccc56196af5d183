package dev.tendril.worker.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.relay.RelayDouble;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @TempDir private Path dir;

    @Test
    void tokenIsTrimmedAndNeverShown() {
        var in =
                new ByteArrayInputStream(
                        ("\n " + RelayDouble.TOKEN + " \r\n").getBytes(StandardCharsets.UTF_8));
        WorkerToken token = WorkerToken.read(in);
        assertEquals("Bearer " + RelayDouble.TOKEN, token.bearer());
        assertEquals("abcdefghij", token.id());
        assertFalse(token.toString().contains("0123456789"), token.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "tnd_wk_", "tnd_sv_abcdefghij_x_y", "secret"})
    void otherTextIsNoToken(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> WorkerToken.parse(text));
        assertFalse(String.valueOf(e.getMessage()).contains("secret"));
    }

    @Test
    void keyIsMadeOncePrivateAndStays() throws IOException {
        WorkerKey made = WorkerKey.load(dir);
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(dir.resolve("worker.key")));
        assertEquals(made.publicKey(), WorkerKey.load(dir).publicKey());
        assertEquals(made.sign("n"), WorkerKey.load(dir).sign("n"));
        assertNotEquals(made.sign("n"), made.sign("m"));
        try (var files = Files.list(dir)) {
            assertEquals(1, files.count(), "a temporary file was left");
        }
    }

    @Test
    void brokenKeysAreRefused() throws IOException {
        WorkerKey.load(dir);
        Path file = dir.resolve("worker.key");
        List<String> first = Files.readAllLines(file);
        Files.delete(file);
        WorkerKey.load(dir);
        List<String> second = Files.readAllLines(file);
        Files.write(file, List.of(first.get(0), second.get(1)));
        assertThrows(IOException.class, () -> WorkerKey.load(dir), "two halves of two keys");
        Files.writeString(file, "");
        assertThrows(IOException.class, () -> WorkerKey.load(dir), "empty file");
        Files.writeString(file, "not base64\n!!\n");
        assertThrows(IOException.class, () -> WorkerKey.load(dir), "no key");
    }

    @Test
    void startingTwiceAtOnceGivesOneKey() throws Exception {
        Set<String> keys = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    keys.add(WorkerKey.load(dir).publicKey());
                                } catch (IOException e) {
                                    keys.add("failed: " + e);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, keys.size(), keys.toString());
        assertTrue(keys.iterator().next().startsWith("MC"), keys.toString());
    }
}
