package dev.tendril.worker.chat;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelInfo;
import dev.tendril.worker.model.ModelRequest;
import dev.tendril.worker.model.ModelTraits;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolSpec;
import dev.tendril.worker.tool.ToolCard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a model is asked in one turn.
///
/// The system prompt and the tools, sorted by name, are the same bytes in every turn of every chat
/// as long as the operator changes nothing, and each step's request begins with the last one's, so
/// that a provider finds both in its cache. Nothing that differs from turn to turn stands before
/// the messages.
final class TurnPrompt {
    /// The part of a known window that history may take at a turn's begin; the rest is for what
    /// tools bring.
    private static final double HISTORY_SHARE = 0.6;

    /// Left for the answer when nobody said how long it may be.
    private static final int ANSWER_TOKENS = 4_000;

    private final ModelClient model;
    private final String system;
    private final List<ToolSpec> tools;
    private final List<ChatMessage> history;
    private final TurnImages images;
    private final int historyTokens;
    private final int windowTokens;
    private @Nullable Memo memo;
    private List<PromptMessage> before = List.of();

    /// @param history of the chat, ending with the question
    /// @param images that the messages show
    /// @param historyTokens for a model whose window nobody knows
    TurnPrompt(
            ModelClient model,
            String system,
            List<ToolCard> cards,
            List<ChatMessage> history,
            TurnImages images,
            int historyTokens) {
        this.model = model;
        this.system = system;
        this.tools =
                cards.stream()
                        .map(card -> new ToolSpec(card.name(), card.description(), card.schema()))
                        .toList();
        this.history = history;
        this.images = images;
        int window = room(model.traits());
        this.windowTokens = window;
        this.historyTokens = window > 0 ? (int) (window * HISTORY_SHARE) : historyTokens;
    }

    /// What a window leaves for messages; 0 when it is not known.
    private int room(ModelTraits traits) {
        if (traits.window() == 0) {
            return 0;
        }
        int answer =
                traits.maxOutput() > 0
                        ? traits.maxOutput()
                        : Math.min(ANSWER_TOKENS, traits.window() / 4);
        int fixed = Tokens.of(system) + tools.stream().mapToInt(Tokens::of).sum();
        return Math.max(500, traits.window() - answer - fixed);
    }

    /// Begins with what the last turn or attempt left.
    void begin(@Nullable Memo left) {
        memo = left != null && Compaction.fits(left, history) ? left : null;
        settle();
    }

    /// A length that was given in characters says nothing about images: they come on top.
    private int budget() {
        if (windowTokens > 0) {
            return historyTokens;
        }
        int shown = history.stream().mapToInt(message -> images.of(message).size()).sum();
        return historyTokens + shown * Tokens.IMAGE;
    }

    private void settle() {
        List<PromptMessage> all = Prompt.of(memo, Compaction.after(memo, history), images);
        before = new Window(budget()).fit(all, List.of());
    }

    /// Sums up older messages when they no longer fit; null when nothing changed.
    Compaction.@Nullable Done compact(StepMeter meter) throws ModelFailure, InterruptedException {
        if (!model.info().kind().equals(ModelInfo.LLM)) {
            return null;
        }
        Compaction.Done done =
                new Compaction(model, images, budget())
                        .of(memo, Compaction.after(memo, history), meter);
        if (done != null) {
            memo = done.memo();
            settle();
        }
        return done;
    }

    @Nullable Memo memo() {
        return memo;
    }

    /// @param said in this turn, after the question
    ModelRequest request(List<PromptMessage> said) {
        int tokens = windowTokens > 0 ? windowTokens : Integer.MAX_VALUE / 8;
        return new ModelRequest(system, new Window(tokens).fit(before, said), tools);
    }
}
