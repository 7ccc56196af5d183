package dev.tendril.worker.chat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who the model is on this page: a markdown file of the operator, read anew for each turn.
public final class Persona {
    private static final Logger LOG = LoggerFactory.getLogger(Persona.class);
    private static final int MAX_BYTES = 32 * 1024;

    private final Path file;

    /// @param file markdown; need not exist
    public Persona(Path file) {
        this.file = file;
    }

    /// Writes the default persona where there is none yet, for the operator to change.
    ///
    /// @throws IOException when it cannot be written
    public static void provide(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.writeString(file, ownWords());
        }
    }

    /// The persona's text; the default one when the file is missing, empty or unreadable.
    String text() {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? ownWords() : text;
        } catch (IOException e) {
            LOG.warn("The persona {} cannot be read, using the default: {}", file, e.toString());
            return ownWords();
        }
    }

    private static String ownWords() {
        try (InputStream in = Persona.class.getResourceAsStream("/persona.md")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
