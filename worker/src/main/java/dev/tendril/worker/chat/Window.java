package dev.tendril.worker.chat;

import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.tool.PlainText;
import java.util.ArrayList;
import java.util.List;

/// Fits a conversation into a number of tokens.
///
/// Something gives way only when it must, in this order: the oldest history; the tools' answers of
/// this turn, cut to head and tail, oldest first; whole steps of this turn, oldest first; at last
/// the newest answers and the question itself are cut. A tool call never goes without its answer
/// nor an answer without its call, and the question always stays.
final class Window {
    private static final int SHORT_ANSWER = 1_000;

    private final int tokens;

    /// @param tokens for all messages together
    Window(int tokens) {
        this.tokens = Math.max(200, tokens);
    }

    /// @param history messages before this turn, ending with the question
    /// @param said what followed the question
    List<PromptMessage> fit(List<PromptMessage> history, List<PromptMessage> said) {
        List<PromptMessage> before = new ArrayList<>(history);
        List<List<PromptMessage>> steps = steps(said);
        while (before.size() > 1 && over(before, steps)) {
            before.removeFirst();
        }
        while (before.size() > 1 && before.getFirst() instanceof PromptMessage.Assistant) {
            before.removeFirst();
        }
        for (int i = 0; i < steps.size() - 1 && over(before, steps); i++) {
            steps.set(i, cut(steps.get(i), SHORT_ANSWER));
        }
        while (steps.size() > 1 && over(before, steps)) {
            steps.removeFirst();
        }
        for (int chars = 32_000; chars >= 250 && over(before, steps); chars /= 2) {
            int most = chars;
            steps.replaceAll(step -> cut(step, most));
            before.replaceAll(message -> question(message, 2 * most));
        }
        List<PromptMessage> all = new ArrayList<>(before);
        steps.forEach(all::addAll);
        return all;
    }

    private boolean over(List<PromptMessage> before, List<List<PromptMessage>> steps) {
        return Tokens.of(before) + steps.stream().mapToInt(Tokens::of).sum() > tokens;
    }

    /// Each call of the model with the answers to its tool calls; remarks stand for themselves.
    private static List<List<PromptMessage>> steps(List<PromptMessage> said) {
        List<List<PromptMessage>> steps = new ArrayList<>();
        for (PromptMessage message : said) {
            if (!(message instanceof PromptMessage.ToolAnswer) || steps.isEmpty()) {
                steps.add(new ArrayList<>());
            }
            steps.getLast().add(message);
        }
        return steps;
    }

    private static List<PromptMessage> cut(List<PromptMessage> step, int chars) {
        List<PromptMessage> shorter = new ArrayList<>();
        for (PromptMessage message : step) {
            shorter.add(
                    message instanceof PromptMessage.ToolAnswer(String callId, String text)
                            ? new PromptMessage.ToolAnswer(
                                    callId, PlainText.headAndTail(text, chars))
                            : message);
        }
        return shorter;
    }

    private static PromptMessage question(PromptMessage message, int chars) {
        return message instanceof PromptMessage.User user && user.text().length() > chars
                ? user.withText(PlainText.headAndTail(user.text(), chars))
                : message;
    }
}
