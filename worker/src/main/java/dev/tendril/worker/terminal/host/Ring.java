package dev.tendril.worker.terminal.host;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The last bytes of a stream, by offset, in a file mapping that has no name: it is no part of the
/// heap, so forking stays cheap, and it is gone with the process.
final class Ring {

    private final int size;
    private final MappedByteBuffer bytes;
    private long end;

    /// @param size bytes kept
    Ring(Path folder, int size) throws IOException {
        this.size = size;
        Path file = Files.createTempFile(folder, "ring", "");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, size);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// The offset after the last byte.
    long end() {
        return end;
    }

    /// The offset of the oldest byte that is kept.
    long first() {
        return Math.max(0, end - size);
    }

    void append(byte[] from, int length) {
        int done = 0;
        while (done < length) {
            int at = (int) (end % size);
            int run = Math.min(length - done, size - at);
            bytes.put(at, from, done, run);
            done += run;
            end += run;
        }
    }

    /// Bytes from `offset`, which must be kept, at most `most`.
    byte[] read(long offset, int most) {
        int length = (int) Math.min(most, end - offset);
        byte[] out = new byte[length];
        int done = 0;
        while (done < length) {
            int at = (int) ((offset + done) % size);
            int run = Math.min(length - done, size - at);
            bytes.get(at, out, done, run);
            done += run;
        }
        return out;
    }
}
