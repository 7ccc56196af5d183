package dev.tendril.contract.frame;

import dev.tendril.contract.chat.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Folds the frames of one answer into the parts of its message.
///
/// This is the one definition of what a stream says: the relay folds with it what goes into the
/// history, the pages fold the same way in TypeScript, and both are tested against the golden
/// samples `wire/fold-*.json`. Independent of storage and transport. Not thread-safe.
///
/// Rules: parts stand in the order in which they were opened; deltas to an id that is not open are
/// ignored; a `data-relay-superseded` removes the named parts that stand at that moment, so that an
/// id may come again later; parts that stayed empty and step boundaries with nothing behind them
/// are left out.
public final class FrameFolder {

    private final Map<String, Open> parts = new LinkedHashMap<>();
    private int steps;
    private boolean stepOpen;

    /// Takes the next frame.
    public void accept(Frame frame) {
        switch (frame) {
            case Frame.StartStep _ -> {
                parts.put("step:" + steps++, new Step());
                stepOpen = true;
            }
            case Frame.FinishStep _ -> stepOpen = false;
            case Frame.TextStart f -> parts.put("text:" + f.id(), new Prose(f.id(), false));
            case Frame.TextDelta f -> append("text:" + f.id(), f.delta());
            case Frame.TextEnd f -> close("text:" + f.id());
            case Frame.ReasoningStart f ->
                    parts.put("reasoning:" + f.id(), new Prose(f.id(), true));
            case Frame.ReasoningDelta f -> append("reasoning:" + f.id(), f.delta());
            case Frame.ReasoningEnd f -> close("reasoning:" + f.id());
            case Frame.ToolInputStart f ->
                    parts.putIfAbsent(
                            "tool:" + f.toolCallId(), new Call(f.toolCallId(), f.toolName()));
            case Frame.ToolInputDelta _ -> {}
            case Frame.ToolInputAvailable f -> {
                Open open =
                        parts.computeIfAbsent(
                                "tool:" + f.toolCallId(),
                                _ -> new Call(f.toolCallId(), f.toolName()));
                if (open instanceof Call call) {
                    call.input = f.input();
                    call.available = true;
                }
            }
            case Frame.ToolOutputAvailable f -> {
                if (parts.get("tool:" + f.toolCallId()) instanceof Call call) {
                    call.output = f.output();
                }
            }
            case Frame.ToolOutputError f -> {
                if (parts.get("tool:" + f.toolCallId()) instanceof Call call) {
                    call.errorText = f.errorText();
                }
            }
            case Frame.SourceUrl f ->
                    parts.put(
                            "source:" + f.sourceId(),
                            new Whole(
                                    f.sourceId(),
                                    new Part.SourceUrl(f.sourceId(), f.url(), f.title())));
            case Frame.File f ->
                    parts.put(
                            "file:" + f.url(),
                            new Whole(f.url(), new Part.File(f.mediaType(), f.url(), null)));
            case Frame.RelaySuperseded f ->
                    parts.values()
                            .removeIf(open ->
                                    open.id() != null && f.data().parts().contains(open.id()));
            case Frame.Start _,
                    Frame.Finish _,
                    Frame.Abort _,
                    Frame.Error _,
                    Frame.RelayMessage _,
                    Frame.RelayFailure _,
                    Frame.RelayStatus _,
                    Frame.RelayCompacted _ -> {}
        }
    }

    /// The message's parts so far.
    public List<Part> parts() {
        List<Part> folded = new ArrayList<>();
        boolean boundary = false;
        for (Open open : parts.values()) {
            if (open instanceof Step) {
                boundary = true;
                continue;
            }
            Part part = open.fold();
            if (part == null) {
                continue;
            }
            if (boundary) {
                folded.add(new Part.StepStart());
                boundary = false;
            }
            folded.add(part);
        }
        return List.copyOf(folded);
    }

    /// The frames that close what is still open, in order: the ends of text and reasoning parts,
    /// then the step's.
    public List<Frame> closing() {
        List<Frame> frames = new ArrayList<>();
        for (Open open : parts.values()) {
            if (open instanceof Prose prose && !prose.closed) {
                frames.add(
                        prose.reasoning
                                ? new Frame.ReasoningEnd(prose.id)
                                : new Frame.TextEnd(prose.id));
            }
        }
        if (stepOpen) {
            frames.add(new Frame.FinishStep());
        }
        return frames;
    }

    /// Ids of all parts that stand now, as `data-relay-superseded` names them: part id, tool call
    /// id, source id or file address.
    public List<String> ids() {
        List<String> ids = new ArrayList<>();
        for (Open open : parts.values()) {
            String id = open.id();
            if (id != null) {
                ids.add(id);
            }
        }
        return ids;
    }

    /// The parts of a whole list of frames.
    public static List<Part> fold(Iterable<? extends Frame> frames) {
        FrameFolder folder = new FrameFolder();
        frames.forEach(folder::accept);
        return folder.parts();
    }

    private void append(String key, String delta) {
        if (parts.get(key) instanceof Prose prose && !prose.closed) {
            prose.text.append(delta);
        }
    }

    private void close(String key) {
        if (parts.get(key) instanceof Prose prose) {
            prose.closed = true;
        }
    }

    private sealed interface Open {
        @Nullable String id();

        @Nullable Part fold();
    }

    private static final class Step implements Open {
        @Override
        public @Nullable String id() {
            return null;
        }

        @Override
        public @Nullable Part fold() {
            return null;
        }
    }

    private static final class Prose implements Open {
        private final String id;
        private final boolean reasoning;
        private final StringBuilder text = new StringBuilder();
        private boolean closed;

        Prose(String id, boolean reasoning) {
            this.id = id;
            this.reasoning = reasoning;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public @Nullable Part fold() {
            if (text.isEmpty()) {
                return null;
            }
            return reasoning ? new Part.Reasoning(text.toString()) : new Part.Text(text.toString());
        }
    }

    private static final class Call implements Open {
        private final String id;
        private final String name;
        private boolean available;
        private @Nullable Object input;
        private @Nullable Object output;
        private @Nullable String errorText;

        Call(String id, String name) {
            this.id = id;
            this.name = name;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public @Nullable Part fold() {
            if (!available) {
                return null;
            }
            String state =
                    errorText != null
                            ? "output-error"
                            : output != null ? "output-available" : "input-available";
            return new Part.Tool(name, id, state, input, output, errorText);
        }
    }

    private record Whole(String id, Part part) implements Open {
        @Override
        public Part fold() {
            return part;
        }
    }
}
