package dev.tendril.infra.visitor;

import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.frame.FrameFolder;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// What one reader saw from its cursor to the end of an answer.
///
/// @param frames the log's frames in order, each exactly once
/// @param status the passing frames (queue position, presence) in order
/// @param cursor after the last frame
/// @param connections how many connections it took, from 1
/// @param away the longest time from a lost connection until a relay streamed again
public record Answer(
        List<SeenFrame> frames,
        List<Frame.RelayStatus> status,
        Cursor cursor,
        int connections,
        Duration away) {
    /// Copies the lists.
    public Answer {
        frames = List.copyOf(frames);
        status = List.copyOf(status);
    }

    /// @param cursor the frame's
    /// @param frame what came
    /// @param atMicros when it came, microseconds since 1970
    public record SeenFrame(Cursor cursor, Frame frame, long atMicros) {}

    /// The message that the frames since the last `start` say, superseded parts left out.
    public List<Part> parts() {
        return parts(frames);
    }

    private static List<Part> parts(List<SeenFrame> frames) {
        var folder = new FrameFolder();
        for (SeenFrame seen : frames) {
            if (seen.frame() instanceof Frame.Start) {
                folder = new FrameFolder();
            }
            folder.accept(seen.frame());
        }
        return folder.parts();
    }

    /// The text of the message that the frames say.
    public String text() {
        return text(parts());
    }

    /// The text that some frames say.
    public static String said(List<SeenFrame> frames) {
        return text(parts(frames));
    }

    /// The text parts of a message, joined.
    public static String text(List<Part> parts) {
        return parts.stream()
                .map(p -> p instanceof Part.Text text ? text.text() : "")
                .collect(Collectors.joining());
    }

    /// The last frame, terminal unless the reader was told to stop before.
    public Frame last() {
        return frames.getLast().frame();
    }

    /// The frames of one type.
    public <T extends Frame> List<T> all(Class<T> type) {
        return frames.stream()
                .map(SeenFrame::frame)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
