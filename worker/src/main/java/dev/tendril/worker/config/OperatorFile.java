package dev.tendril.worker.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A YAML file that decides what this worker does, so nobody but its owner may write it.
///
/// @param path the real path
/// @param top its keys
public record OperatorFile(Path path, YamlSection top) {
    private static final long MAX_BYTES = 256 * 1024;

    /// Reads the file, or gives null when there is none.
    ///
    /// @throws BadFile when it is writable by others than its owner, belongs to neither root nor
    ///   the worker's user, or is unreadable, over 256 KiB or not YAML
    public static @Nullable OperatorFile read(Path file) throws BadFile {
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try {
            Path real = file.toRealPath();
            checkMode(real);
            Path folder = real.getParent();
            if (folder != null) {
                checkMode(folder);
            }
            if (Files.size(real) > MAX_BYTES) {
                throw new BadFile(file + " is over 256 KiB");
            }
            return new OperatorFile(
                    real, YamlSection.parse(real.toString(), Files.readString(real)));
        } catch (CharacterCodingException e) {
            throw new BadFile(file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new BadFile(
                    file
                            + " cannot be read ("
                            + e.getClass().getSimpleName()
                            + "), so nothing runs");
        }
    }

    private static void checkMode(Path path) throws IOException, BadFile {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        PosixFileAttributes at = Files.readAttributes(path, PosixFileAttributes.class);
        Set<PosixFilePermission> mode = at.permissions();
        if (mode.contains(PosixFilePermission.GROUP_WRITE)
                || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new BadFile(
                    path + " is writable by others than its owner; run: chmod go-w " + path);
        }
        String owner = at.owner().getName();
        if (!owner.equals("root") && !owner.equals(System.getProperty("user.name"))) {
            throw new BadFile(
                    path + " belongs to " + owner + ", neither to root nor to the worker's user");
        }
    }
}
