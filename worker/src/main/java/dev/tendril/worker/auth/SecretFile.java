package dev.tendril.worker.auth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Supplier;

/// Files that only their owner may read, mode 0600, written whole or not at all.
public final class SecretFile {

    private SecretFile() {}

    /// The file's text; a missing file is made. Two processes that start at once get the same text.
    public static String provide(Path file, Supplier<String> text) throws IOException {
        if (!Files.exists(file)) {
            Path fresh = draft(file, text.get());
            try {
                link(fresh, file);
            } finally {
                Files.deleteIfExists(fresh);
            }
        }
        return Files.readString(file);
    }

    /// Replaces the file's text.
    public static void write(Path file, String text) throws IOException {
        Path fresh = draft(file, text);
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static Path draft(Path file, String text) throws IOException {
        Path dir = file.toAbsolutePath().getParent();
        Path fresh = Files.createTempFile(dir, "." + file.getFileName(), ".new", ownerOnly());
        try (var out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        return fresh;
    }

    /// A hard link never replaces: whoever comes second keeps the file of the first.
    private static void link(Path fresh, Path file) throws IOException {
        try {
            Files.createLink(file, fresh);
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (UnsupportedOperationException | IOException e) {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        Set<String> views = FileSystems.getDefault().supportedFileAttributeViews();
        if (!views.contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }
}
