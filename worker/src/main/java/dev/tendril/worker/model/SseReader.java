package dev.tendril.worker.model;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Takes the bytes of a `text/event-stream` in any fragmentation and gives the `data` of its
/// events.
///
/// Lines end in LF, CR or CRLF; text is decoded only as whole lines, so a character may be split
/// over fragments. Comments and other fields are skipped.
final class SseReader {
    private static final int MAX_EVENT_BYTES = 1024 * 1024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private final ArrayDeque<String> events = new ArrayDeque<>();
    private boolean hasData;
    private boolean lastWasCr;
    private boolean firstLine = true;

    /// Adds a fragment.
    ///
    /// @throws ModelFailure when an event is over 1 MiB
    void feed(ByteBuffer bytes) throws ModelFailure {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            boolean crlf = lastWasCr && b == '\n';
            lastWasCr = b == '\r';
            if (crlf) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                endLine();
            } else {
                line.write(b);
                checkSize();
            }
        }
    }

    /// The next complete event's data, or null.
    @Nullable String poll() {
        return events.poll();
    }

    /// The stream is over. Some servers forget the last empty line; a whole line still counts.
    void end() {
        if (line.size() > 0) {
            endLine();
        }
        endEvent();
    }

    private void checkSize() throws ModelFailure {
        if (line.size() + data.length() > MAX_EVENT_BYTES) {
            throw new ModelFailure(ModelFault.GARBAGE, "an event of the stream is over 1 MiB");
        }
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (firstLine) {
            firstLine = false;
            text = text.startsWith("\uFEFF") ? text.substring(1) : text;
        }
        if (text.isEmpty()) {
            endEvent();
        } else if (text.startsWith("data:")) {
            if (hasData) {
                data.append('\n');
            }
            hasData = true;
            data.append(text, text.startsWith("data: ") ? 6 : 5, text.length());
        }
    }

    private void endEvent() {
        if (hasData) {
            events.add(data.toString());
        }
        data.setLength(0);
        hasData = false;
    }
}
