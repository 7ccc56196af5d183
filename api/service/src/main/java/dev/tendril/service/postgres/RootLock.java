package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// That one process alone serves a directory; ends with the process at the latest.
final class RootLock {
    private final FileChannel channel;

    private RootLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws PostgresFailure when another process has it, with that one's id
    static RootLock take(Path root) throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        var channel =
                FileChannel.open(
                        root.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(line(ProcessHandle.current().pid())), 0);
                return new RootLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: as taken as by another one.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        var holder = Files.readString(root.resolve("lock")).strip();
        channel.close();
        throw new PostgresFailure(
                "The database in " + root + " is in use by another process (" + holder + ").");
    }

    private static byte[] line(long value) {
        return (value + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    static void release(@Nullable RootLock lock) {
        try {
            if (lock != null) {
                lock.channel.close();
            }
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }
}
