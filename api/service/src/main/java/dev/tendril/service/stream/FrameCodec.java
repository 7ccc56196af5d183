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

    /// Length of an escape by four hexadecimal digits.
    private static final int UNICODE_ESCAPE = 6;

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
    /// halves of surrogate pairs, written as themselves or as escapes.
    public static String storable(String json) {
        StringBuilder clean = null;
        int kept = 0;
        int i = 0;
        while (i < json.length()) {
            int end = i + width(json, i);
            int unit = unit(json, i, end);
            boolean bad = unit == 0;
            if (unit >= Character.MIN_SURROGATE && unit <= Character.MAX_SURROGATE) {
                int next = end + width(json, end);
                bad =
                        !Character.isHighSurrogate((char) unit)
                                || !Character.isLowSurrogate((char) unit(json, end, next));
                end = bad ? end : next;
            }
            if (bad) {
                clean = clean == null ? new StringBuilder(json.length() + 8) : clean;
                clean.append(json, kept, i).append(REPLACEMENT);
                kept = end;
            }
            i = end;
        }
        return clean == null ? json : clean.append(json, kept, json.length()).toString();
    }

    /// Characters of the JSON text that stand for the character at `i`.
    private static int width(String json, int i) {
        if (i >= json.length()) {
            return 0;
        }
        if (json.charAt(i) != '\\') {
            return 1;
        }
        int width = json.startsWith("u", i + 1) ? UNICODE_ESCAPE : 2;
        return Math.min(width, json.length() - i);
    }

    /// The UTF-16 unit that stands there; a space for any other escape.
    private static int unit(String json, int from, int to) {
        return switch (to - from) {
            case 1 -> json.charAt(from);
            case UNICODE_ESCAPE -> Integer.parseInt(json, from + 2, to, 16);
            default -> ' ';
        };
    }
}
