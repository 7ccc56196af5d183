package dev.tendril.infra.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// Directory trees.
public final class Trees {
    private Trees() {}

    /// Deletes a directory with all that is in it.
    public static void delete(Path root) throws IOException {
        List<Path> all;
        try (var paths = Files.walk(root)) {
            all = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
