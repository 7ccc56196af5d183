package dev.tendril.worker.chat;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolCall;
import dev.tendril.worker.run.FrameWriter;
import dev.tendril.worker.tool.PlainText;
import io.micronaut.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Turns one model answer's events into frames and gathers what the next step needs of it.
///
/// Part ids are `<prefix>-<n>`; the prefix names attempt and step, so that they are unique in the
/// message.
final class StepWriter {
    private static final int MAX_CALLS = 16;

    private final FrameWriter out;
    private final String prefix;
    private final JsonMapper json;
    private final StringBuilder text = new StringBuilder();
    private final Map<Integer, Call> calls = new TreeMap<>();
    private int parts;
    private int thoughtChars;
    private @Nullable Part open;
    private Metadata.@Nullable Usage usage;
    private @Nullable String reason;

    StepWriter(FrameWriter out, String prefix, JsonMapper json) {
        this.out = out;
        this.prefix = prefix;
        this.json = json;
    }

    /// An open text or reasoning part.
    private record Part(String id, boolean thought, WireText cleaner) {}

    /// A tool call as far as the model has written it.
    private static final class Call {
        private final String wireId;
        private @Nullable String id;
        private final StringBuilder name = new StringBuilder();
        private final StringBuilder arguments = new StringBuilder();
        private final WireText cleaner = new WireText();
        private boolean started;

        Call(String wireId) {
            this.wireId = wireId;
        }
    }

    void accept(ModelEvent event) throws LinkException, InterruptedException {
        switch (event) {
            case ModelEvent.Text(String delta) -> {
                text.append(delta);
                say(delta, false);
            }
            case ModelEvent.Reasoning(String delta) -> {
                thoughtChars += delta.length();
                say(delta, true);
            }
            case ModelEvent.ToolCallDelta delta -> call(delta);
            case ModelEvent.Source(String url, String title) ->
                    out.write(new Frame.SourceUrl(nextId(), url, title));
            case ModelEvent.Usage(Metadata.Usage tokens) -> usage = tokens;
            case ModelEvent.End(String why) -> reason = why;
        }
    }

    private String nextId() {
        return prefix + "-" + parts++;
    }

    private void say(String delta, boolean thought) throws LinkException, InterruptedException {
        Part part = open;
        if (part == null || part.thought() != thought) {
            closeText();
            part = new Part(nextId(), thought, new WireText());
            open = part;
            out.write(
                    thought ? new Frame.ReasoningStart(part.id()) : new Frame.TextStart(part.id()));
        }
        write(part, part.cleaner().accept(delta));
    }

    private void write(Part part, String storable) throws LinkException, InterruptedException {
        if (!storable.isEmpty()) {
            out.write(
                    part.thought()
                            ? new Frame.ReasoningDelta(part.id(), storable)
                            : new Frame.TextDelta(part.id(), storable));
        }
    }

    private void closeText() throws LinkException, InterruptedException {
        Part part = open;
        open = null;
        if (part != null) {
            write(part, part.cleaner().end());
            out.write(
                    part.thought()
                            ? new Frame.ReasoningEnd(part.id())
                            : new Frame.TextEnd(part.id()));
        }
    }

    /// The model's answer is over: ends what is open, and tells whole tool calls.
    void finish() throws LinkException, InterruptedException {
        closeText();
        for (Call call : calls.values()) {
            call.arguments.append(call.cleaner.end());
            start(call);
            Object input = input(call.arguments.toString());
            out.write(new Frame.ToolInputAvailable(call.wireId, name(call), input, true));
        }
    }

    private void call(ModelEvent.ToolCallDelta delta) throws LinkException, InterruptedException {
        if (delta.index() >= MAX_CALLS || delta.index() < 0) {
            return;
        }
        Call call = calls.computeIfAbsent(delta.index(), n -> new Call(prefix + "-c" + n));
        if (call.id == null && delta.id() != null && !delta.id().isEmpty()) {
            call.id = delta.id();
        }
        if (delta.name() != null && !call.started) {
            call.name.append(delta.name());
        }
        String storable = call.cleaner.accept(delta.argumentsDelta());
        if (storable.isEmpty()) {
            return;
        }
        closeText();
        call.arguments.append(storable);
        start(call);
        out.write(new Frame.ToolInputDelta(call.wireId, storable));
    }

    private void start(Call call) throws LinkException, InterruptedException {
        if (!call.started) {
            call.started = true;
            out.write(new Frame.ToolInputStart(call.wireId, name(call), true));
        }
    }

    private static String name(Call call) {
        String name = WireText.of(call.name.toString());
        return name.isBlank() ? "unknown" : name;
    }

    private Object input(String arguments) {
        if (arguments.isBlank()) {
            return Map.of();
        }
        // An escaped NUL in JSON text is only seen after parsing, and no database stores one.
        Object value = PlainText.clean(Json.valueOf(json, arguments));
        return value == null ? arguments : value;
    }

    /// Characters so far, thoughts included.
    int chars() {
        return text.length() + thoughtChars;
    }

    /// Why the model ended; null until it did.
    @Nullable String reason() {
        return reason;
    }

    Metadata.@Nullable Usage usage() {
        return usage;
    }

    /// The tool calls, with their ids on the wire.
    List<TurnState.OpenCall> calls() {
        return calls.values().stream()
                .map(call -> new TurnState.OpenCall(call.wireId, toolCall(call)))
                .toList();
    }

    private static ToolCall toolCall(Call call) {
        String arguments = call.arguments.isEmpty() ? "{}" : call.arguments.toString();
        return new ToolCall(call.id == null ? call.wireId : call.id, name(call), arguments);
    }

    /// What the model said, as later model calls see it.
    PromptMessage.Assistant message() {
        return new PromptMessage.Assistant(
                text.toString(), calls().stream().map(TurnState.OpenCall::call).toList());
    }
}
