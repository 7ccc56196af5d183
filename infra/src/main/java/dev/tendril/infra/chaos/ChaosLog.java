package dev.tendril.infra.chaos;

import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// One JSON line per operation, in the order in which they were noted. For many threads.
final class ChaosLog implements AutoCloseable {
    private final long startNanos = System.nanoTime();
    private final Path file;
    private final Writer out;
    private boolean closed;

    private ChaosLog(Path file, Writer out) {
        this.file = file;
        this.out = out;
    }

    static ChaosLog to(Path file) throws IOException {
        return new ChaosLog(file, Files.newBufferedWriter(file));
    }

    Path file() {
        return file;
    }

    /// @param keysAndValues in turn
    synchronized void op(String what, @Nullable Object... keysAndValues) {
        if (closed) {
            return;
        }
        var line = new LinkedHashMap<String, @Nullable Object>();
        line.put("ms", (System.nanoTime() - startNanos) / 1_000_000);
        line.put("op", what);
        line.putAll(Json.object(keysAndValues));
        try {
            out.write(new String(Json.bytes(line), StandardCharsets.UTF_8));
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        out.close();
    }
}
