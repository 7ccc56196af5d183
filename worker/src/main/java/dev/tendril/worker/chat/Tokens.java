package dev.tendril.worker.chat;

import dev.tendril.worker.json.Json;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolCall;
import dev.tendril.worker.model.ToolSpec;
import java.util.Collection;
import java.util.List;

/// Estimates tokens, rather too many than too few: every model counts otherwise, and an exact
/// counter for each would be larger than this worker.
final class Tokens {
    /// What an image takes with the providers that say so, at the size that visitors may send.
    static final int IMAGE = 1_600;

    /// Roles, separators and ids around a message.
    private static final int ENVELOPE = 6;

    private Tokens() {}

    /// Four letters of a Latin text, one of Chinese, Japanese or Korean, two of any other.
    static int of(String text) {
        long quarters = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            quarters += c < 0x250 ? (c < 0x80 ? 1 : 2) : c >= 0x2e80 && c < 0xd800 ? 4 : 2;
        }
        return (int) Math.min(Integer.MAX_VALUE / 4, (quarters + 3) / 4);
    }

    static int of(PromptMessage message) {
        return ENVELOPE
                + switch (message) {
                    case PromptMessage.User user -> of(user.text()) + IMAGE * user.images().size();
                    case PromptMessage.Assistant(String text, List<ToolCall> calls) -> {
                        int sum = of(text);
                        for (ToolCall call : calls) {
                            sum += ENVELOPE + of(call.name()) + of(call.arguments());
                        }
                        yield sum;
                    }
                    case PromptMessage.ToolAnswer(_, String text) -> of(text);
                };
    }

    static int of(Collection<? extends PromptMessage> messages) {
        return messages.stream().mapToInt(Tokens::of).sum();
    }

    static int of(ToolSpec tool) {
        return 2 * ENVELOPE
                + of(tool.name())
                + of(tool.description())
                + of(Json.write(tool.parameters()));
    }
}
