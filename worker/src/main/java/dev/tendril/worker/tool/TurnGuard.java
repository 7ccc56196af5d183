package dev.tendril.worker.tool;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Notices turns that go in circles. Independent of models and tools: it only looks at records.
///
/// The same call (tool and arguments) for the third time, or errors in three steps in a row after
/// one nudge, end the turn; so does nothing else.
public final class TurnGuard {
    private static final int SAME_CALLS = 3;
    private static final int BAD_STEPS = 3;

    private final Map<String, Integer> seen = new HashMap<>();
    private int badSteps;
    private boolean nudged;

    /// What should happen next.
    public sealed interface Verdict {
        /// Nothing is wrong.
        record GoOn() implements Verdict {}

        /// The model gets this sentence once and another chance.
        record Nudge(String text) implements Verdict {}

        /// No more tools: the model is asked to answer with what it has.
        ///
        /// @param reason `loop` or `mistakes`, for traces
        /// @param text for the model, and what the visitor is told in substance
        record End(String reason, String text) implements Verdict {}
    }

    /// A call that has ended.
    ///
    /// @param tool its name
    /// @param arguments as the model wrote them
    /// @param ok whether it did what it was asked for
    public record Call(String tool, String arguments, boolean ok) {}

    /// Looks at one finished step.
    ///
    /// @param calls all its tool calls
    public Verdict after(List<Call> calls) {
        for (Call call : calls) {
            String key = call.tool() + " " + sameness(call.arguments());
            if (seen.merge(key, 1, Integer::sum) >= SAME_CALLS) {
                return new Verdict.End(
                        "loop",
                        "The same tool call was made "
                                + SAME_CALLS
                                + " times. Answer now with what you have, and say what is missing.");
            }
        }
        boolean bad = !calls.isEmpty() && calls.stream().noneMatch(Call::ok);
        badSteps = bad ? badSteps + 1 : 0;
        if (badSteps < BAD_STEPS) {
            return new Verdict.GoOn();
        }
        badSteps = 0;
        if (nudged) {
            return new Verdict.End(
                    "mistakes",
                    "The tools keep failing. Answer now with what you have, and say what is missing.");
        }
        nudged = true;
        return new Verdict.Nudge(
                "The last tool calls all failed. Read their errors, then try another way or answer"
                        + " without tools.");
    }

    /// Whether a tool's answer, as the model got it, is an error's.
    public static boolean isError(String forModel) {
        return forModel.startsWith("{\"error\":");
    }

    private static String sameness(String arguments) {
        try {
            return Json.canonical(Json.read(arguments));
        } catch (BadJson e) {
            return arguments;
        }
    }
}
