package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Notices that a cluster is a copy of the one that ran last, in other words a restored backup.
///
/// What the lost history said has been read by somebody, and its numbers will be given out again:
/// pages that hold a cursor of it must not go on as if nothing had happened. PostgreSQL's word for
/// "another history from here" is a new timeline, and the log's epoch contains it. Nothing within a
/// copy differs from the original, so the file system has to tell: a copy has other inodes.
final class ClusterPlace {
    private final Path data;
    private final Path note;

    /// @param cluster holds the directory `data`
    ClusterPlace(Path cluster) {
        this.data = cluster.resolve("data");
        this.note = cluster.resolve("inode");
    }

    /// If this is a copy, lets the server begin a new timeline at its next start.
    void checkIn() throws IOException {
        if (Files.exists(note) && !Files.readString(note).strip().equals(inode())) {
            Path signal = data.resolve("recovery.signal");
            if (!Files.exists(signal)) {
                Files.createFile(signal);
            }
        }
    }

    /// Notes the place, once the server has started here.
    void settle() throws IOException {
        Path draft = note.resolveSibling("inode.partial");
        Files.writeString(draft, inode() + "\n");
        Files.move(draft, note, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private String inode() throws IOException {
        return Files.getAttribute(data.resolve("PG_VERSION"), "unix:ino").toString();
    }
}
