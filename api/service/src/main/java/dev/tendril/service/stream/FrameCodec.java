package dev.tendril.service.stream;

import dev.tendril.contract.frame.Frame;
import io.micronaut.serde.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Frames as they are stored and sent: one JSON object per line, nothing but what [Frame] knows.
@Singleton
public final class FrameCodec {

    private static final String REPLACEMENT = "\ufffd";

    private final ObjectMapper json;

    FrameCodec(ObjectMapper json) {
        this.json = json;
    }

    /// One line per frame, without a trailing line feed.
    public String lines(List<? extends Frame> frames) {
        StringBuilder lines = new StringBuilder();
        for (Frame frame : frames) {
            if (!lines.isEmpty()) {
                lines.append('\n');
            }
            lines.append(line(frame));
        }
        return lines.toString();
    }

    /// One frame as one line of JSON that every database can keep.
    public String line(Frame frame) {
        try {
            return storable(json.writeValueAsString(frame));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The frames of stored lines.
    public List<Frame> parse(String lines) {
        List<Frame> frames = new ArrayList<>();
        lines.lines().forEach(line -> frames.add(frame(line)));
        return frames;
    }

    private Frame frame(String line) {
        try {
            Frame frame = json.readValue(line, Frame.class);
            if (frame == null) {
                throw new IOException("a stored line is no frame");
            }
            return frame;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// JSON text in which U+FFFD stands for what PostgreSQL cannot store as text or JSON: NUL and
    /// halves of surrogate pairs.
    public static String storable(String json) {
        StringBuilder clean = null;
        int kept = 0;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            int bad = 0;
            if (c == '\\') {
                bad = json.startsWith("u0000", i + 1) ? 6 : 0;
                if (bad == 0) {
                    i++;
                    continue;
                }
            } else if (Character.isHighSurrogate(c)) {
                if (i + 1 < json.length() && Character.isLowSurrogate(json.charAt(i + 1))) {
                    i++;
                    continue;
                }
                bad = 1;
            } else if (Character.isLowSurrogate(c) || c == 0) {
                bad = 1;
            }
            if (bad > 0) {
                clean = clean == null ? new StringBuilder(json.length() + 8) : clean;
                clean.append(json, kept, i).append(REPLACEMENT);
                i += bad - 1;
                kept = i + 1;
            }
        }
        return clean == null ? json : clean.append(json, kept, json.length()).toString();
    }
}
