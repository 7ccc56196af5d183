package dev.tendril.infra.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What a commit costs on this disk at least: 8 KiB written into a file that is there, and
/// `fdatasync`, as PostgreSQL does with its log.
final class Fsync {
    private static final int PAGE = 8192;
    private static final int PAGES = 256;
    private static final int TIMES = 300;

    private Fsync() {}

    /// Spans of single syncs in `directory`.
    static Latencies measure(Path directory) throws IOException {
        Path file = directory.resolve("fsync-probe");
        var micros = new long[TIMES];
        try (var channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(PAGE * PAGES));
            channel.force(true);
            for (int i = 0; i < TIMES; i++) {
                long begun = System.nanoTime();
                channel.write(ByteBuffer.allocate(PAGE), (long) PAGE * (i % PAGES));
                channel.force(false);
                micros[i] = (System.nanoTime() - begun) / 1_000;
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return Latencies.of(micros);
    }
}
