package dev.tendril.infra.visitor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Parses server-sent events from bytes that may be cut anywhere. An event counts only when its
/// blank line has come; what is left when the bytes end is void, as the standard says.
final class EventStream {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private @Nullable String id;
    private boolean hasData;

    /// The events that these bytes complete.
    ///
    /// @throws StreamViolation for a line that our wire never has
    List<Event> accept(byte[] bytes, int length) {
        var complete = new ArrayList<Event>();
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                Event event = line(text);
                if (event != null) {
                    complete.add(event);
                }
            } else {
                line.write(bytes[i]);
            }
        }
        return complete;
    }

    private @Nullable Event line(String text) {
        if (text.isEmpty()) {
            Event event = hasData ? new Event(id, data.toString()) : null;
            id = null;
            hasData = false;
            data.setLength(0);
            return event;
        }
        if (text.startsWith("id: ")) {
            id = text.substring(4);
        } else if (text.startsWith("data: ")) {
            if (hasData) {
                throw new StreamViolation("a frame on more than one data line");
            }
            hasData = true;
            data.append(text, 6, text.length());
        } else if (!text.startsWith(":") && !text.startsWith("retry: ")) {
            throw new StreamViolation("an unexpected line: " + text);
        }
        return null;
    }

    /// @param id the cursor, null for what is not in the log
    record Event(@Nullable String id, String data) {}
}
