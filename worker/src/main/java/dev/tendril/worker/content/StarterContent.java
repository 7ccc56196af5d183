package dev.tendril.worker.content;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// The pages about Tendril itself that a fresh installation answers from.
public final class StarterContent {
    private StarterContent() {}

    /// Copies the pages into a folder that does not exist yet; an existing one belongs to the
    /// operator and is left alone.
    ///
    /// @throws IOException when they cannot be written
    public static void provide(Path folder) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        Path fresh = Files.createTempDirectory(folder.toAbsolutePath().getParent(), "content-");
        for (String name : names()) {
            try (InputStream in = resource(name)) {
                Files.copy(in, fresh.resolve(name));
            }
        }
        Files.move(fresh, folder);
    }

    private static List<String> names() throws IOException {
        try (var in =
                new BufferedReader(
                        new InputStreamReader(resource("pages.txt"), StandardCharsets.UTF_8))) {
            return in.lines().filter(name -> !name.isBlank()).toList();
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(
                StarterContent.class.getResourceAsStream("/content/" + name), name);
    }
}
