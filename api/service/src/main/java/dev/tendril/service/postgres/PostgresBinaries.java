package dev.tendril.service.postgres;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/// The bundled server programs, extracted once per archive into a directory named by its SHA-256.
final class PostgresBinaries {
    /// What extraction and a new cluster take, with room for the first write-ahead log.
    static final long COLD_BYTES = 250L << 20;

    private PostgresBinaries() {}

    /// The directory with `bin/`, `lib/` and `share/`. Processes wait for each other.
    static Path extract(Path root) throws IOException {
        var archive = archiveName(System.getProperty("os.name"), System.getProperty("os.arch"));
        var home = root.resolve("bin-" + sha256(archive).substring(0, 16));
        if (Files.isDirectory(home)) {
            return home;
        }
        synchronized (PostgresBinaries.class) {
            Files.createDirectories(root);
            try (var lock = FileChannel.open(root.resolve("bin.lock"), CREATE, WRITE)) {
                lock.lock();
                if (!Files.isDirectory(home)) {
                    extract(archive, root, home);
                }
            }
        }
        return home;
    }

    private static void extract(String archive, Path root, Path home) throws IOException {
        var partial = root.resolve("bin.partial");
        deleteTree(partial);
        try (var in = open(archive);
                var tar =
                        new TarArchiveInputStream(
                                new BufferedInputStream(new XZInputStream(in), 1 << 16))) {
            unpack(tar, partial);
        }
        Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
        deleteOlder(root, home);
    }

    /// Those of an earlier version; a server that still runs from there keeps its open files.
    private static void deleteOlder(Path root, Path home) throws IOException {
        try (var all = Files.newDirectoryStream(root, "bin-*")) {
            for (var folder : all) {
                if (!folder.equals(home)) {
                    deleteTree(folder);
                }
            }
        }
    }

    /// Writes the archive's files, folders and links below `target`, and refuses with an exception
    /// any that would land or point outside.
    static void unpack(TarArchiveInputStream tar, Path target) throws IOException {
        Files.createDirectories(target);
        TarArchiveEntry entry;
        while ((entry = tar.getNextEntry()) != null) {
            var path = inside(target, target.resolve(entry.getName()), entry);
            var parent = path.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (entry.isDirectory()) {
                Files.createDirectories(path);
            } else if (entry.isSymbolicLink()) {
                inside(target, path.resolveSibling(entry.getLinkName()), entry);
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(path, inside(target, target.resolve(entry.getLinkName()), entry));
            } else if (entry.isFile()) {
                Files.copy(tar, path);
                var mode = (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--";
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
            } else {
                throw new IOException("unexpected kind of entry: " + entry.getName());
            }
        }
    }

    private static Path inside(Path target, Path path, TarArchiveEntry entry) throws IOException {
        var normal = path.normalize();
        if (!normal.startsWith(target) || normal.equals(target) && !entry.isDirectory()) {
            throw new IOException("entry leaves the folder: " + entry.getName());
        }
        return normal;
    }

    static String archiveName(String os, String arch) {
        var system =
                os.toLowerCase(Locale.ROOT).contains("linux")
                        ? "linux"
                        : os.toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "";
        var machine =
                switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> "";
                };
        return "/postgres-" + system + "-" + machine + ".txz";
    }

    private static InputStream open(String archive) {
        @Nullable InputStream in = PostgresBinaries.class.getResourceAsStream(archive);
        if (in == null) {
            throw new PostgresFailure(
                    "This build bundles no PostgreSQL for "
                            + System.getProperty("os.name")
                            + " on "
                            + System.getProperty("os.arch")
                            + "; set TENDRIL_DATABASE_URL to a PostgreSQL 18 server.");
        }
        return in;
    }

    private static String sha256(String archive) throws IOException {
        try (var in = open(archive)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) > 0; ) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Deletes a folder with all that is in it, following no link; does nothing when it is absent.
    static void deleteTree(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try {
            Files.walkFileTree(
                    tree,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                                throws IOException {
                            Files.delete(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path folder, @Nullable IOException e) throws IOException {
                            Files.delete(folder);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
