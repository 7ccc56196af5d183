package dev.tendril.worker.sync;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes pages from a folder. Links are not followed; what begins with a dot does not exist.
final class FolderSync {
    private static final Logger LOG = LoggerFactory.getLogger(FolderSync.class);
    private static final int MOST = 5_000;
    private static final long MAX_BYTES = 2L * 1024 * 1024;

    private FolderSync() {}

    static void run(Path from, SourceFolder to, Tally tally) throws IOException {
        if (!Files.isDirectory(from)) {
            LOG.warn("{} is no folder: its pages stay as they were", from);
            tally.unreached();
            return;
        }
        for (Path file : files(from)) {
            String name = from.relativize(file).toString().replace('\\', '/');
            try {
                one(file, name, to, tally);
            } catch (IOException | RuntimeException e) {
                LOG.warn("The page {} is left as it was: {}", name, e.toString());
                to.keep(name);
                tally.failed();
            }
        }
        to.removeUnseen(tally);
    }

    private static void one(Path file, String name, SourceFolder to, Tally tally)
            throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it is over 2 MiB");
        }
        byte[] bytes = Files.readAllBytes(file);
        for (byte b : bytes) {
            if (b == 0) {
                throw new IOException("it is no text");
            }
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean html = name.matches("(?i).*\\.html?");
        String page = html ? Markdown.ofHtml(text, null) : Markdown.ofText(text, null, name);
        tally.count(
                to.write(
                        name,
                        name.replaceFirst("(?i)\\.(html?|txt|markdown)$", ".md"),
                        page,
                        null,
                        null));
    }

    private static List<Path> files(Path from) throws IOException {
        try (Stream<Path> walk = Files.walk(from, 12)) {
            return walk.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !hidden(from.relativize(file)))
                    .filter(file -> file.toString().matches("(?i).*\\.(md|markdown|txt|html?)"))
                    .sorted()
                    .limit(MOST)
                    .toList();
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private static boolean hidden(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
