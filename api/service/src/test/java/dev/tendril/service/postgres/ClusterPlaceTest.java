package dev.tendril.service.postgres;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy is told from the original, and nothing else is.
class ClusterPlaceTest {

    @TempDir private Path directory;

    @Test
    void onlyACopyBeginsANewTimeline() throws IOException {
        Path cluster = directory.resolve("cluster");
        Files.createDirectories(cluster.resolve("data"));
        Files.writeString(cluster.resolve("data/PG_VERSION"), "18\n");

        new ClusterPlace(cluster).checkIn();
        assertFalse(signalled(cluster), "never noted before");
        new ClusterPlace(cluster).settle();
        new ClusterPlace(cluster).checkIn();
        assertFalse(signalled(cluster), "started again");

        Path moved = directory.resolve("moved");
        Files.move(cluster, moved);
        new ClusterPlace(moved).checkIn();
        assertFalse(signalled(moved), "moved");

        Path copy = directory.resolve("copy");
        Files.createDirectories(copy.resolve("data"));
        Files.copy(moved.resolve("inode"), copy.resolve("inode"));
        Files.copy(moved.resolve("data/PG_VERSION"), copy.resolve("data/PG_VERSION"));
        new ClusterPlace(copy).checkIn();
        assertTrue(signalled(copy), "a copy");
        new ClusterPlace(copy).settle();
        Files.delete(copy.resolve("data/recovery.signal"));
        new ClusterPlace(copy).checkIn();
        assertFalse(signalled(copy), "settled in its new place");
    }

    private static boolean signalled(Path cluster) {
        return Files.exists(cluster.resolve("data/recovery.signal"));
    }
}
