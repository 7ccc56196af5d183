package dev.tendril.worker.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolCall;
import dev.tendril.worker.tool.PlainText;
import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a turn has done so far: the content of its checkpoints.
///
/// @param version of this form, 1
/// @param steps model calls made
/// @param said what followed the history: the model's messages and the tools' answers
/// @param open tool calls that have no answer yet, with the ids that they have on the wire
/// @param reason why the model ended; null while the turn goes on
/// @param usage tokens of all steps together
/// @param cost of all steps together, by the price of the model that answered each; null when
///   nothing was counted
/// @param memo what stands for older messages of the chat; null while all are sent
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
record TurnState(
        int version,
        int steps,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<PromptMessage> said,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<OpenCall> open,
        @Nullable String reason,
        Metadata.@Nullable Usage usage,
        @Nullable BigDecimal cost,
        @Nullable Memo memo) {
    static final int VERSION = 1;

    TurnState {
        said = List.copyOf(said);
        open = List.copyOf(open);
    }

    /// @param wireId id of the tool part
    /// @param call what the model asked for
    @Serdeable
    record OpenCall(String wireId, ToolCall call) {}

    /// What one model call took.
    ///
    /// @param usage tokens, when the provider counted them
    /// @param cost by the table of prices
    record Spent(Metadata.@Nullable Usage usage, BigDecimal cost) {
        static final Spent NOTHING = new Spent(null, BigDecimal.ZERO);
    }

    /// What the turn has cost so far.
    BigDecimal spent() {
        return cost == null ? BigDecimal.ZERO : cost;
    }

    static TurnState begin() {
        return new TurnState(VERSION, 0, List.of(), List.of(), null, null, null, null);
    }

    /// After a model call that asks for tools.
    TurnState called(PromptMessage.Assistant message, List<OpenCall> calls, Spent more) {
        List<PromptMessage> longer = new ArrayList<>(said);
        longer.add(message);
        return new TurnState(
                VERSION,
                steps + 1,
                longer,
                calls,
                null,
                sum(usage, more.usage()),
                sum(cost, more.cost()),
                memo);
    }

    /// After a model call that ends the turn. What was said is in the log; no later call needs it.
    TurnState ended(@Nullable String why, Spent more) {
        return new TurnState(
                VERSION,
                steps + 1,
                List.of(),
                List.of(),
                why,
                sum(usage, more.usage()),
                sum(cost, more.cost()),
                memo);
    }

    /// After a tool's answer.
    TurnState answered(OpenCall call, String text) {
        List<PromptMessage> longer = new ArrayList<>(said);
        longer.add(new PromptMessage.ToolAnswer(call.call().id(), text));
        List<OpenCall> rest = new ArrayList<>(open);
        rest.remove(call);
        return new TurnState(VERSION, steps, longer, rest, null, usage, cost, memo);
    }

    /// With older messages summed up.
    TurnState compacted(Memo other, Spent more) {
        return new TurnState(
                VERSION,
                steps,
                said,
                open,
                reason,
                sum(usage, more.usage()),
                sum(cost, more.cost()),
                other);
    }

    /// With a remark of this worker for the model.
    TurnState noted(String text) {
        List<PromptMessage> longer = new ArrayList<>(said);
        longer.add(new PromptMessage.User(text));
        return new TurnState(VERSION, steps, longer, open, null, usage, cost, memo);
    }

    /// With its longest tool answer cut to half, so that it fits into a checkpoint; null when there
    /// is nothing left to cut.
    @Nullable TurnState shorter() {
        int longest = -1;
        int chars = 1_000;
        for (int i = 0; i < said.size(); i++) {
            if (said.get(i) instanceof PromptMessage.ToolAnswer(_, String text)
                    && text.length() > chars) {
                longest = i;
                chars = text.length();
            }
        }
        if (longest < 0) {
            return null;
        }
        List<PromptMessage> cut = new ArrayList<>(said);
        if (cut.get(longest) instanceof PromptMessage.ToolAnswer(String callId, String text)) {
            cut.set(
                    longest,
                    new PromptMessage.ToolAnswer(
                            callId, PlainText.headAndTail(text, text.length() / 2)));
        }
        return new TurnState(VERSION, steps, cut, open, reason, usage, cost, memo);
    }

    private static Metadata.@Nullable Usage sum(
            Metadata.@Nullable Usage a, Metadata.@Nullable Usage b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return new Metadata.Usage(
                sum(a.in(), b.in()),
                sum(a.out(), b.out()),
                sum(a.cached(), b.cached()),
                sum(a.reasoning(), b.reasoning()));
    }

    private static @Nullable BigDecimal sum(@Nullable BigDecimal a, BigDecimal b) {
        if (b.signum() == 0) {
            return a;
        }
        return a == null ? b : a.add(b);
    }

    private static @Nullable Long sum(@Nullable Long a, @Nullable Long b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Long.valueOf(a + b);
    }
}
