package dev.tendril.worker.chat;

import dev.tendril.contract.trace.Span;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.ToolRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Spans that wait for the next checkpoint to take them along.
final class Trace {
    /// So that a checkpoint's body stays within what the relay takes.
    private static final int AT_ONCE = 8;

    private static final int WORDS = 7_800;

    private final ArrayDeque<Span> waiting = new ArrayDeque<>();

    void add(Span span) {
        waiting.add(span);
    }

    void add(String wireId, int step, ToolRecord record) {
        waiting.add(
                new Span(
                        wireId,
                        step,
                        Span.Kind.TOOL,
                        name(record.tool()),
                        new Span.Time(record.startedAt(), record.latencyMs(), null),
                        record.outcome().code(),
                        null,
                        new Span.Words(
                                words(record.arguments()), words(record.outcome().forModel()))));
    }

    static String name(String name) {
        String clean = PlainText.clean(name);
        return clean.length() > 200 ? clean.substring(0, 200) : clean;
    }

    private static String words(String text) {
        return PlainText.headAndTail(PlainText.clean(text), WORDS);
    }

    /// Those that the next checkpoint takes; null for none.
    @Nullable List<Span> next() {
        List<Span> spans = new ArrayList<>();
        while (!waiting.isEmpty() && spans.size() < AT_ONCE) {
            spans.add(waiting.remove());
        }
        return spans.isEmpty() ? null : spans;
    }
}
