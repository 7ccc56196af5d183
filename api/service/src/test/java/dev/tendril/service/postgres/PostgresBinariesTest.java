package dev.tendril.service.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostgresBinariesTest {
    @TempDir Path folder;

    @Test
    void filesLinksAndExecutableBitsAreKept() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            file(tar, "./bin/run", 0755);
            file(tar, "share/" + "x".repeat(90) + "/data", 0644);
            link(tar, "lib/alias", "../bin/run");
        }
        var target = folder.resolve("target");
        unpack(out, target);
        assertTrue(Files.isExecutable(target.resolve("bin/run")));
        assertEquals("hello", Files.readString(target.resolve("lib/alias")));
        assertEquals(
                "hello", Files.readString(target.resolve("share/" + "x".repeat(90) + "/data")));
    }

    @ParameterizedTest
    @CsvSource({"../outside", "a/../../outside", "/tmp/outside-of-tendril"})
    void anEntryThatLeavesTheFolderIsRefused(String name) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            var entry = new TarArchiveEntry(name, true);
            entry.setSize(0);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }
        var target = folder.resolve("target");
        assertThrows(IOException.class, () -> unpack(out, target));
        assertFalse(Files.exists(folder.resolve("outside")));
        assertFalse(Files.exists(Path.of("/tmp/outside-of-tendril")));
    }

    @ParameterizedTest
    @CsvSource({"../../outside", "/etc/passwd"})
    void aLinkThatPointsOutsideIsRefused(String to) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            link(tar, "lib/alias", to);
        }
        assertThrows(IOException.class, () -> unpack(out, folder.resolve("target")));
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, /postgres-linux-x86_64.txz",
        "Linux, aarch64, /postgres-linux-arm_64.txz",
        "Mac OS X, aarch64, /postgres-darwin-arm_64.txz",
    })
    void theArchiveIsNamedAsItsPackagersDo(String os, String arch, String name) {
        assertEquals(name, PostgresBinaries.archiveName(os, arch));
    }

    private static void unpack(ByteArrayOutputStream archive, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive.toByteArray()))) {
            PostgresBinaries.unpack(tar, target);
        }
    }

    private static void file(TarArchiveOutputStream tar, String name, int mode) throws IOException {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        var entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(5);
        tar.putArchiveEntry(entry);
        tar.write(new byte[] {'h', 'e', 'l', 'l', 'o'});
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String to)
            throws IOException {
        var entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(to);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }
}
