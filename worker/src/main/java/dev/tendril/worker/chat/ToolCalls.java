package dev.tendril.worker.chat;

import dev.tendril.contract.frame.Frame;
import dev.tendril.worker.link.LinkException;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the tool calls of one step at the same time and reports each outcome as it comes.
final class ToolCalls {
    private static final Logger LOG = LoggerFactory.getLogger(ToolCalls.class);
    private static final int MAX_OUTCOME_CHARS = 32_000;

    private final ToolBox tools;
    private final Duration limit;
    private final JsonMapper json;

    ToolCalls(ToolBox tools, Duration limit, JsonMapper json) {
        this.tools = tools;
        this.limit = limit;
        this.json = json;
    }

    /// How a call ended.
    sealed interface Outcome {
        /// @param value any JSON value
        /// @param text the same for the model
        record Answer(Object value, String text) implements Outcome {}

        record Trouble(String text) implements Outcome {}

        /// What the model is told.
        String text();

        /// What the visitor's page is told.
        default Frame frame(String wireId) {
            return switch (this) {
                case Answer(Object value, _) -> new Frame.ToolOutputAvailable(wireId, value, true);
                case Trouble(String text) -> new Frame.ToolOutputError(wireId, text, true);
            };
        }
    }

    interface Listener {
        void ended(TurnState.OpenCall call, Outcome outcome)
                throws LinkException, InterruptedException;
    }

    private record Ended(TurnState.OpenCall call, Outcome outcome) {}

    /// @param resumed the calls were begun by an attempt that died: their outcome is unknown
    void run(List<TurnState.OpenCall> calls, boolean resumed, Listener listener)
            throws LinkException, InterruptedException {
        BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
        List<Thread> threads = new ArrayList<>();
        List<TurnState.OpenCall> open = new ArrayList<>(calls);
        long untilNanos = System.nanoTime() + limit.toNanos();
        try {
            for (TurnState.OpenCall call : calls) {
                threads.add(
                        Thread.ofVirtual()
                                .name("tool-" + call.wireId())
                                .start(() -> ended.add(new Ended(call, outcome(call, resumed)))));
            }
            while (!open.isEmpty()) {
                long left = untilNanos - System.nanoTime();
                Ended next = ended.poll(left, TimeUnit.NANOSECONDS);
                if (next == null) {
                    var slow = new Outcome.Trouble("The tool took longer than " + limit + ".");
                    for (TurnState.OpenCall call : open) {
                        listener.ended(call, slow);
                    }
                    return;
                }
                open.remove(next.call());
                listener.ended(next.call(), next.outcome());
            }
        } finally {
            threads.forEach(Thread::interrupt);
        }
    }

    private Outcome outcome(TurnState.OpenCall call, boolean resumed) {
        String name = call.call().name();
        if (resumed && !tools.repeatable(name)) {
            return new Outcome.Trouble(
                    "The worker was restarted during this call; whether it took effect is unknown.");
        }
        try {
            Object value = tools.call(call.call());
            String text = value instanceof String plain ? plain : json.writeValueAsString(value);
            String storable = WireText.of(text);
            if (storable.length() > MAX_OUTCOME_CHARS) {
                String cut = storable.substring(0, MAX_OUTCOME_CHARS) + "… (cut)";
                return new Outcome.Answer(cut, cut);
            }
            return new Outcome.Answer(value instanceof String ? storable : value, storable);
        } catch (ToolFailure e) {
            return new Outcome.Trouble(WireText.of(String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            return new Outcome.Trouble("The call was broken off.");
        } catch (IOException | RuntimeException e) {
            LOG.warn("The tool {} broke", name, e);
            return new Outcome.Trouble("The tool broke.");
        }
    }
}
