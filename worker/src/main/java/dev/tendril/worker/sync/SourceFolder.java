package dev.tendril.worker.sync;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The folder that a source owns below the content folder, with what is remembered of each page.
///
/// Files are written aside and moved into place, so that the index never reads half a page. What is
/// remembered stands outside the content folder and may be lost: the next sync then fetches
/// everything once more.
final class SourceFolder {
    private final Path folder;
    private final Path memory;
    private final Map<String, Known> pages = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();

    /// What is remembered of a page.
    ///
    /// @param file below the source's folder
    /// @param hash of the written text
    /// @param etag as the site gave it
    /// @param lastModified as the site gave it
    record Known(String file, String hash, @Nullable String etag, @Nullable String lastModified) {}

    private SourceFolder(Path folder, Path memory) {
        this.folder = folder;
        this.memory = memory;
    }

    static SourceFolder open(Path content, Path memories, String source) throws IOException {
        Files.createDirectories(memories);
        SourceFolder opened =
                new SourceFolder(content.resolve(source), memories.resolve(source + ".json"));
        Files.createDirectories(opened.folder);
        opened.remember();
        return opened;
    }

    private void remember() throws IOException {
        if (Files.notExists(memory)) {
            return;
        }
        try {
            Json.readObject(Files.readString(memory))
                    .forEach((page, value) -> {
                        if (value instanceof Map<?, ?> known
                                && known.get("file") instanceof String file
                                && known.get("hash") instanceof String hash) {
                            pages.put(
                                    page,
                                    new Known(
                                            file,
                                            hash,
                                            text(known.get("etag")),
                                            text(known.get("lastModified"))));
                        }
                    });
        } catch (BadJson e) {
            pages.clear();
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    /// What is remembered of a page whose file is still there; null for nothing.
    @Nullable Known known(String page) {
        Known known = pages.get(page);
        return known != null && Files.isRegularFile(folder.resolve(known.file())) ? known : null;
    }

    /// The page is there and as it was.
    void keep(String page) {
        seen.add(page);
    }

    /// Writes a page unless its text is what is there.
    ///
    /// @param file below the source's folder, with `/`
    Tally.Change write(
            String page,
            String file,
            String text,
            @Nullable String etag,
            @Nullable String lastModified)
            throws IOException {
        Path target = folder.resolve(file).normalize();
        if (!target.startsWith(folder)) {
            throw new IOException("a page may not leave its source's folder");
        }
        Known before = known(page);
        String hash = hash(text);
        seen.add(page);
        pages.put(page, new Known(file, hash, etag, lastModified));
        if (before != null && before.file().equals(file) && before.hash().equals(hash)) {
            return Tally.Change.UNCHANGED;
        }
        Path parent = target.getParent();
        Files.createDirectories(parent == null ? folder : parent);
        Path fresh = Files.createTempFile(folder, ".sync", ".tmp");
        Files.writeString(fresh, text);
        Files.move(
                fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (before != null && !before.file().equals(file)) {
            Files.deleteIfExists(folder.resolve(before.file()));
        }
        return before == null ? Tally.Change.ADDED : Tally.Change.CHANGED;
    }

    /// Removes a page.
    void remove(String page, Tally tally) throws IOException {
        Known known = pages.remove(page);
        seen.remove(page);
        if (known != null && Files.deleteIfExists(folder.resolve(known.file()))) {
            tally.gone();
        }
    }

    /// Removes what was not seen in this sync.
    void removeUnseen(Tally tally) throws IOException {
        for (String page : Set.copyOf(pages.keySet())) {
            if (!seen.contains(page)) {
                remove(page, tally);
            }
        }
    }

    /// Writes down what is remembered.
    void store() throws IOException {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        pages.forEach((page, known) -> {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("file", known.file());
            one.put("hash", known.hash());
            one.put("etag", known.etag());
            one.put("lastModified", known.lastModified());
            all.put(page, one);
        });
        Path fresh = Files.createTempFile(memory.toAbsolutePath().getParent(), ".sync", ".tmp");
        Files.writeString(fresh, Json.write(all));
        Files.move(
                fresh, memory, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
