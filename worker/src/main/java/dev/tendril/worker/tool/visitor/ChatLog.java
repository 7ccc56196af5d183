package dev.tendril.worker.tool.visitor;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `search_chat_log`: the visitor's own chat, also beyond what fits into the prompt. It only sees
/// the messages that came with the run, so there is nothing of others to find.
public final class ChatLog implements Tool {
    private static final int MAX_HITS = 10;
    private static final ToolCard CARD =
            ToolCard.harmless(
                    "search_chat_log",
                    "Find earlier messages of this chat that contain all the given words.",
                    """
                    {"type": "object",
                     "properties": {
                       "words": {"type": "string", "minLength": 1, "maxLength": 200}},
                     "required": ["words"], "additionalProperties": false}
                    """);

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) {
        List<String> words =
                List.of(input.text("words").toLowerCase(Locale.ROOT).strip().split("\\s+"));
        List<Object> hits = new ArrayList<>();
        for (ChatMessage message : context.history().reversed()) {
            String text = text(message);
            String lower = text.toLowerCase(Locale.ROOT);
            if (hits.size() < MAX_HITS && words.stream().allMatch(lower::contains)) {
                Map<String, @Nullable Object> hit = new LinkedHashMap<>();
                hit.put("role", message.role());
                hit.put("text", PlainText.headAndTail(text, 1_000));
                hits.add(hit);
            }
        }
        return ToolResult.of(Map.of("found", hits));
    }

    private static String text(ChatMessage message) {
        return message.parts().stream()
                .filter(Part.Text.class::isInstance)
                .map(part -> ((Part.Text) part).text())
                .collect(Collectors.joining("\n"));
    }
}
