package dev.tendril.worker.run;

import dev.tendril.contract.frame.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How frames are weighed, split and joined on their way into batches.
///
/// A weight is the length of the frame's long text in JSON plus an allowance for the JSON around
/// it: near enough for limits, and cheaper than serializing twice.
final class FrameSize {
    private static final int ENVELOPE = 64;

    private FrameSize() {}

    static int bytes(Frame frame) {
        return switch (frame) {
            case Frame.TextDelta(_, String delta) -> ENVELOPE + jsonBytes(delta);
            case Frame.ReasoningDelta(_, String delta) -> ENVELOPE + jsonBytes(delta);
            case Frame.ToolInputDelta(_, String delta) -> ENVELOPE + jsonBytes(delta);
            case Frame.ToolInputAvailable(_, _, Object input, _) ->
                    ENVELOPE + jsonBytes(String.valueOf(input));
            case Frame.ToolOutputAvailable(_, Object output, _) ->
                    ENVELOPE + jsonBytes(String.valueOf(output));
            case Frame.ToolOutputError(_, String text, _) -> ENVELOPE + jsonBytes(text);
            case Frame.Start _,
                    Frame.StartStep _,
                    Frame.TextStart _,
                    Frame.TextEnd _,
                    Frame.ReasoningStart _,
                    Frame.ReasoningEnd _,
                    Frame.ToolInputStart _,
                    Frame.SourceUrl _,
                    Frame.File _,
                    Frame.FinishStep _,
                    Frame.Finish _,
                    Frame.Abort _,
                    Frame.Error _,
                    Frame.RelayMessage _,
                    Frame.RelaySuperseded _,
                    Frame.RelayFailure _,
                    Frame.RelayStatus _,
                    Frame.RelayCompacted _ ->
                    2 * ENVELOPE;
        };
    }

    static boolean isDelta(Frame frame) {
        return frame instanceof Frame.TextDelta || frame instanceof Frame.ReasoningDelta;
    }

    /// Both frames as one, or null when they do not belong together or would grow over the limit.
    static @Nullable Frame joined(Frame first, Frame second, int limit) {
        if (bytes(first) + bytes(second) > limit) {
            return null;
        }
        if (first instanceof Frame.TextDelta(String id, String a)
                && second instanceof Frame.TextDelta(String other, String b)
                && id.equals(other)) {
            return new Frame.TextDelta(id, a + b);
        }
        if (first instanceof Frame.ReasoningDelta(String id, String a)
                && second instanceof Frame.ReasoningDelta(String other, String b)
                && id.equals(other)) {
            return new Frame.ReasoningDelta(id, a + b);
        }
        if (first instanceof Frame.ToolInputDelta(String id, String a)
                && second instanceof Frame.ToolInputDelta(String other, String b)
                && id.equals(other)) {
            return new Frame.ToolInputDelta(id, a + b);
        }
        return null;
    }

    /// The frame, cut into several when its delta is over the limit; never inside a code point.
    static List<Frame> pieces(Frame frame, int limit) {
        if (bytes(frame) <= limit) {
            return List.of(frame);
        }
        int most = limit - ENVELOPE;
        if (frame instanceof Frame.TextDelta(String id, String delta)) {
            return cut(delta, most, piece -> new Frame.TextDelta(id, piece));
        }
        if (frame instanceof Frame.ReasoningDelta(String id, String delta)) {
            return cut(delta, most, piece -> new Frame.ReasoningDelta(id, piece));
        }
        if (frame instanceof Frame.ToolInputDelta(String id, String delta)) {
            return cut(delta, most, piece -> new Frame.ToolInputDelta(id, piece));
        }
        return List.of(frame);
    }

    private static List<Frame> cut(String text, int most, Function<String, Frame> frame) {
        List<Frame> pieces = new ArrayList<>();
        int start = 0;
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            int more = jsonBytes(codePoint);
            if (bytes + more > most) {
                pieces.add(frame.apply(text.substring(start, at)));
                start = at;
                bytes = 0;
            }
            bytes += more;
            at += Character.charCount(codePoint);
        }
        pieces.add(frame.apply(text.substring(start)));
        return pieces;
    }

    private static int jsonBytes(String text) {
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            bytes += jsonBytes(codePoint);
            at += Character.charCount(codePoint);
        }
        return bytes;
    }

    /// As the JSON writer writes them: control characters and those beyond the basic plane escaped.
    private static int jsonBytes(int codePoint) {
        if (codePoint < 0x20) {
            return codePoint == '\n' || codePoint == '\r' || codePoint == '\t' ? 2 : 6;
        }
        if (codePoint == '"' || codePoint == '\\') {
            return 2;
        }
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 12;
    }
}
