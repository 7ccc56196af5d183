package dev.tendril.worker.tool.files;

import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Opens, lists and replaces files below a root, through directory handles and without following a
/// link. Blocks; safe for threads.
public final class ConfinedFiles {
    private static final Set<PosixFilePermission> NEW_FILE =
            PosixFilePermissions.fromString("rw-r--r--");
    private static final int MAX_LISTED = 10_000;

    private ConfinedFiles() {}

    /// What a directory has.
    ///
    /// @param kind `file`, `directory`, `link` or `special`
    /// @param bytes of a file, else 0
    public record Entry(String name, String kind, long bytes) {}

    private interface Use<T> {
        T in(SecureDirectoryStream<Path> folder) throws IOException, ToolException;
    }

    /// Reads a regular file.
    ///
    /// @param maxBytes the file may not be longer
    /// @throws ToolException when it is missing, a link, no file, or too long
    public static byte[] read(Place place, long maxBytes) throws ToolException {
        return guarded(place, () -> inParent(place, false, (d, n) -> read(d, n, maxBytes)));
    }

    /// The entries of a directory, sorted by name, at most 10,000.
    public static List<Entry> list(Place place) throws ToolException {
        return guarded(place, () -> inFolder(place, false, ConfinedFiles::entries));
    }

    /// Creates or replaces a file in one step: readers see the old content or the new.
    ///
    /// @throws ToolException when the target is a link or no file
    public static void write(Place place, byte[] content) throws ToolException {
        guarded(
                place,
                () ->
                        inParent(
                                place,
                                true,
                                (folder, name) -> {
                                    replace(folder, name, content);
                                    return true;
                                }));
    }

    /// What stands there: `file`, `directory`, `link` or `special`.
    ///
    /// @throws ToolException when nothing does
    public static String kind(Place place) throws ToolException {
        if (place.names().isEmpty()) {
            return "directory";
        }
        return guarded(
                place,
                () ->
                        inParent(
                                place,
                                false,
                                (folder, name) -> {
                                    BasicFileAttributes at = attributes(folder, name);
                                    if (at == null) {
                                        throw new NoSuchFileException(name.toString());
                                    }
                                    return kind(at);
                                }));
    }

    private interface Body<T> {
        T run() throws IOException, ToolException;
    }

    private interface Named<T> {
        T in(SecureDirectoryStream<Path> folder, Path name) throws IOException, ToolException;
    }

    private static <T> T guarded(Place place, Body<T> body) throws ToolException {
        try {
            return body.run();
        } catch (NoSuchFileException e) {
            throw new ToolException("There is no " + place.relative() + ".");
        } catch (NotDirectoryException e) {
            throw new ToolException(place.relative() + " is no directory, or a link leads there.");
        } catch (FileSystemLoopException e) {
            throw link();
        } catch (IOException e) {
            // ELOOP and ENOTDIR have no exception of their own; the text is the C library's.
            String said = String.valueOf(e.getMessage());
            if (said.contains("symbolic links")) {
                throw link();
            }
            if (said.contains("Not a directory")) {
                throw new ToolException(
                        place.relative() + " is no directory, or a link leads there.");
            }
            throw new ToolException(
                    place.relative()
                            + " cannot be used ("
                            + e.getClass().getSimpleName().replace("Exception", "")
                            + ").");
        }
    }

    private static ToolDenied link() {
        return new ToolDenied("files.link", "a symbolic link stands there, and none is followed");
    }

    private static <T> T inParent(Place place, boolean create, Named<T> use)
            throws IOException, ToolException {
        if (place.names().isEmpty()) {
            throw new ToolException("A file is expected, and this is the directory itself.");
        }
        List<String> names = place.names();
        Place parent = new Place(place.root(), names.subList(0, names.size() - 1));
        return inFolder(parent, create, folder -> use.in(folder, Path.of(names.getLast())));
    }

    private static <T> T inFolder(Place place, boolean create, Use<T> use)
            throws IOException, ToolException {
        try (SecureDirectoryStream<Path> root = root(place.root())) {
            return descend(place, root, root, 0, create, use);
        }
    }

    private static <T> T descend(
            Place place,
            SecureDirectoryStream<Path> root,
            SecureDirectoryStream<Path> folder,
            int depth,
            boolean create,
            Use<T> use)
            throws IOException, ToolException {
        if (depth == place.names().size()) {
            return use.in(folder);
        }
        Path name = Path.of(place.names().get(depth));
        if (create && attributes(folder, name) == null) {
            makeFolder(place.root(), root, folder, name);
        }
        try (SecureDirectoryStream<Path> next =
                folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            return descend(place, root, next, depth + 1, create, use);
        }
    }

    /// The JDK has no `mkdirat`: the directory is made in the root, which nobody can swap, and
    /// moved from there by its handle.
    private static void makeFolder(
            Path rootPath,
            SecureDirectoryStream<Path> root,
            SecureDirectoryStream<Path> folder,
            Path name)
            throws IOException {
        Path fresh = temporary();
        Files.createDirectory(rootPath.resolve(fresh));
        root.move(fresh, folder, name);
    }

    private static SecureDirectoryStream<Path> root(Path path) throws IOException, ToolDenied {
        if (!path.toRealPath().equals(path)) {
            throw new ToolDenied("files.root", "the allowed directory was replaced by a link");
        }
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new ToolDenied(
                "files.platform", "this system has no directory handles, so files stay closed");
    }

    private static @Nullable BasicFileAttributes attributes(
            SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            return folder.getFileAttributeView(
                            name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static void mustBeFile(BasicFileAttributes at) throws ToolException {
        if (at.isSymbolicLink()) {
            throw link();
        }
        if (at.isDirectory()) {
            throw new ToolException("That is a directory.");
        }
        if (!at.isRegularFile()) {
            throw new ToolDenied("files.special", "that is no regular file");
        }
    }

    private static byte[] read(SecureDirectoryStream<Path> folder, Path name, long maxBytes)
            throws IOException, ToolException {
        BasicFileAttributes at = attributes(folder, name);
        if (at == null) {
            throw new NoSuchFileException(name.toString());
        }
        mustBeFile(at);
        tooLong(at.size(), maxBytes);
        try (SeekableByteChannel channel =
                folder.newByteChannel(
                        name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteArrayOutputStream content = new ByteArrayOutputStream((int) at.size());
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            while (channel.read(buffer) >= 0) {
                content.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                tooLong(content.size(), maxBytes);
            }
            return content.toByteArray();
        }
    }

    private static void tooLong(long bytes, long maxBytes) throws ToolException {
        if (bytes > maxBytes) {
            throw new ToolDenied("files.size", "the file has more than " + maxBytes + " bytes");
        }
    }

    private static List<Entry> entries(SecureDirectoryStream<Path> folder)
            throws IOException, ToolException {
        List<Entry> entries = new ArrayList<>();
        for (Path path : folder) {
            Path name = path.getFileName();
            BasicFileAttributes at = name == null ? null : attributes(folder, name);
            if (at == null) {
                continue;
            }
            if (entries.size() == MAX_LISTED) {
                throw new ToolDenied("files.entries", "the directory has over 10,000 entries");
            }
            entries.add(new Entry(name.toString(), kind(at), at.isRegularFile() ? at.size() : 0));
        }
        entries.sort(Comparator.comparing(Entry::name));
        return entries;
    }

    private static String kind(BasicFileAttributes at) {
        if (at.isSymbolicLink()) {
            return "link";
        }
        if (at.isDirectory()) {
            return "directory";
        }
        return at.isRegularFile() ? "file" : "special";
    }

    private static void replace(SecureDirectoryStream<Path> folder, Path name, byte[] content)
            throws IOException, ToolException {
        Set<PosixFilePermission> mode = NEW_FILE;
        BasicFileAttributes at = attributes(folder, name);
        if (at != null) {
            mustBeFile(at);
            mode =
                    folder.getFileAttributeView(
                                    name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                            .readAttributes()
                            .permissions();
        }
        Path fresh = temporary();
        try {
            try (SeekableByteChannel channel =
                    folder.newByteChannel(
                            fresh,
                            Set.of(
                                    StandardOpenOption.WRITE,
                                    StandardOpenOption.CREATE_NEW,
                                    LinkOption.NOFOLLOW_LINKS),
                            PosixFilePermissions.asFileAttribute(mode))) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            folder.move(fresh, folder, name);
        } catch (IOException e) {
            try {
                folder.deleteFile(fresh);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private static Path temporary() {
        return Path.of(".tendril-" + UUID.randomUUID());
    }
}
