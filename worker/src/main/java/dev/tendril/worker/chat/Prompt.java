package dev.tendril.worker.chat;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.worker.model.PromptImage;
import dev.tendril.worker.model.PromptMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Turns a chat's history into what a model reads.
///
/// The latest messages that fit into a budget of characters are kept, always the last one. Roles
/// alternate and a visitor begins, since many chat templates accept nothing else: messages that
/// follow each other from the same side are joined.
final class Prompt {
    private Prompt() {}

    static List<PromptMessage> of(List<ChatMessage> history, int budgetChars, TurnImages images) {
        List<PromptMessage> kept = new ArrayList<>();
        int left = budgetChars;
        for (ChatMessage message : history.reversed()) {
            String text = text(message, images);
            List<PromptImage> shown = images.of(message);
            if (text.isBlank() && shown.isEmpty()) {
                continue;
            }
            if (!kept.isEmpty() && text.length() > left) {
                break;
            }
            left -= text.length();
            kept.add(
                    message.role().equals("user")
                            ? new PromptMessage.User(text, shown)
                            : new PromptMessage.Assistant(text, List.of()));
        }
        Collections.reverse(kept);
        while (kept.size() > 1 && kept.getFirst() instanceof PromptMessage.Assistant) {
            kept.removeFirst();
        }
        return joined(kept);
    }

    private static String text(ChatMessage message, TurnImages images) {
        Stream<String> words =
                message.parts().stream()
                        .filter(Part.Text.class::isInstance)
                        .map(part -> ((Part.Text) part).text());
        return Stream.concat(words, Stream.of(images.wordsFor(message)))
                .filter(said -> !said.isEmpty())
                .collect(Collectors.joining("\n\n"));
    }

    private static List<PromptMessage> joined(List<PromptMessage> messages) {
        List<PromptMessage> joined = new ArrayList<>();
        for (PromptMessage message : messages) {
            PromptMessage last = joined.isEmpty() ? null : joined.getLast();
            if (last instanceof PromptMessage.User before
                    && message instanceof PromptMessage.User next) {
                List<PromptImage> both = new ArrayList<>(before.images());
                both.addAll(next.images());
                joined.removeLast();
                joined.add(
                        new PromptMessage.User(
                                (before.text() + "\n\n" + next.text()).strip(), both));
            } else if (last instanceof PromptMessage.Assistant(String before, _)
                    && message instanceof PromptMessage.Assistant(String text, _)) {
                joined.removeLast();
                joined.add(new PromptMessage.Assistant(before + "\n\n" + text, List.of()));
            } else {
                joined.add(message);
            }
        }
        return joined;
    }
}
