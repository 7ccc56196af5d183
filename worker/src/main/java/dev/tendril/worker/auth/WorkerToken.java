package dev.tendril.worker.auth;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The long-lived token of a worker, `tnd_wk_<id10>_<43 base62>_<crc6>`.
///
/// Its text leaves this class only for the `Authorization` header; [#toString] shows the id alone.
public final class WorkerToken {
    private static final Pattern SHAPE =
            Pattern.compile("tnd_wk_([A-Za-z0-9]{10})_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}");

    private static final int MAX_BYTES = 4096;

    private final String text;
    private final String id;

    private WorkerToken(String text, String id) {
        this.text = text;
        this.id = id;
    }

    /// Parses a token; white space around it is dropped.
    ///
    /// @throws IllegalArgumentException when it is none; the message does not repeat the input
    public static WorkerToken parse(String text) {
        String trimmed = text.strip();
        var matcher = SHAPE.matcher(trimmed);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    trimmed.isEmpty()
                            ? "it is empty"
                            : "it does not look like a worker token (tnd_wk_…)");
        }
        return new WorkerToken(trimmed, matcher.group(1));
    }

    /// Reads a token from a file.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when it cannot be read or is
    ///   none
    public static WorkerToken read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    Files.exists(file) ? "it cannot be read" : "there is no such file", e);
        }
    }

    /// Reads a token from a stream, at most 4 KiB.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when it cannot be read or is
    ///   none
    public static WorkerToken read(InputStream in) {
        try {
            return parse(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The public part, fit for logs.
    public String id() {
        return id;
    }

    /// The value of an `Authorization` header.
    public String bearer() {
        return "Bearer " + text;
    }

    @Override
    public String toString() {
        return "tnd_wk_" + id + "_…";
    }
}
