package dev.tendril.infra.stub;

import io.micronaut.serde.annotation.Serdeable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How the stub gives an answer.
///
/// @param pace how many deltas and how fast
/// @param trouble what goes wrong
/// @param reasoning deltas of reasoning before the text
/// @param stamp true: each text delta carries its index and send time instead of a word, see
///   [StubAnswer]
/// @param tool call this tool first, if the request offers it; null for none
/// @param well true: no request has trouble, whatever it asks for
@Serdeable
public record StubPlan(
        Pace pace,
        Trouble trouble,
        int reasoning,
        boolean stamp,
        @Nullable String tool,
        boolean well) {

    private static final Pattern DIRECTIVE = Pattern.compile("\\[stub ([^\\]]*)]");

    /// @param deltas text deltas, from 1
    /// @param firstDelayMs before the first byte of the answer
    /// @param delayMs between deltas, on a fixed beat, so that slow writes do not add up
    @Serdeable
    public record Pace(int deltas, int firstDelayMs, int delayMs) {}

    /// @param fault what happens
    /// @param times how many requests it happens to; negative for all
    /// @param after text deltas before it happens, for faults in mid-stream
    /// @param retryAfterSeconds of a `429`
    @Serdeable
    public record Trouble(Fault fault, int times, int after, int retryAfterSeconds) {}

    /// Twenty deltas without delay or fault.
    public static StubPlan plain() {
        return new StubPlan(
                new Pace(20, 0, 0), new Trouble(Fault.NONE, -1, 3, 1), 0, false, null, false);
    }

    /// This plan with the settings of `words`: pairs such as `deltas=50 delay=5`, apart by spaces
    /// or commas. Keys: `deltas`, `first`, `delay`, `fault`, `times`, `after`, `retry-after`,
    /// `reasoning`, `tool`, and `stamp`, `well` alone.
    ///
    /// @throws IllegalArgumentException for an unknown key or a value that does not fit it
    public StubPlan with(String words) {
        var plan = this;
        for (String word : words.trim().split("[\\s,]+", -1)) {
            if (!word.isEmpty()) {
                int equals = word.indexOf('=');
                plan =
                        equals < 0
                                ? plan.set(word, "true")
                                : plan.set(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return plan;
    }

    /// This plan as a request changes it, by its model's name and its last user message.
    StubPlan forRequest(String model, String lastUserText) {
        int colon = model.indexOf(':');
        StubPlan plan = colon < 0 ? this : with(model.substring(colon + 1));
        Matcher directive = DIRECTIVE.matcher(lastUserText);
        plan = directive.find() ? plan.with(directive.group(1)) : plan;
        return well ? plan.with("fault=none") : plan;
    }

    private StubPlan set(String key, String value) {
        return switch (key) {
            case "deltas" ->
                    pace(new Pace(Math.max(1, number(value)), pace.firstDelayMs, pace.delayMs));
            case "first" -> pace(new Pace(pace.deltas, number(value), pace.delayMs));
            case "delay" -> pace(new Pace(pace.deltas, pace.firstDelayMs, number(value)));
            case "fault" ->
                    trouble(
                            new Trouble(
                                    Fault.of(value),
                                    trouble.times,
                                    trouble.after,
                                    trouble.retryAfterSeconds));
            case "times" ->
                    trouble(
                            new Trouble(
                                    trouble.fault,
                                    number(value),
                                    trouble.after,
                                    trouble.retryAfterSeconds));
            case "after" ->
                    trouble(
                            new Trouble(
                                    trouble.fault,
                                    trouble.times,
                                    number(value),
                                    trouble.retryAfterSeconds));
            case "retry-after" ->
                    trouble(
                            new Trouble(
                                    trouble.fault, trouble.times, trouble.after, number(value)));
            case "reasoning" -> new StubPlan(pace, trouble, number(value), stamp, tool, well);
            case "stamp" ->
                    new StubPlan(pace, trouble, reasoning, Boolean.parseBoolean(value), tool, well);
            case "tool" -> new StubPlan(pace, trouble, reasoning, stamp, value, well);
            case "well" ->
                    new StubPlan(
                            pace, trouble, reasoning, stamp, tool, Boolean.parseBoolean(value));
            default -> throw new IllegalArgumentException("unknown stub setting: " + key);
        };
    }

    private StubPlan pace(Pace changed) {
        return new StubPlan(changed, trouble, reasoning, stamp, tool, well);
    }

    private StubPlan trouble(Trouble changed) {
        return new StubPlan(pace, changed, reasoning, stamp, tool, well);
    }

    private static int number(String value) {
        return Integer.parseInt(value);
    }
}
