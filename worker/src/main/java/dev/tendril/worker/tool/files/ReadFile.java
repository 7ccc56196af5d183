package dev.tendril.worker.tool.files;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads lines of a text file.
final class ReadFile implements Tool {
    static final long MAX_BYTES = 8L * 1024 * 1024;

    private static final ToolCard CARD =
            ToolCard.harmless(
                            "read_file",
                            "Read lines of a text file in an allowed directory. Lines are numbered"
                                    + " from 1.",
                            """
                            {"type": "object",
                             "properties": {
                               "path": {"type": "string", "minLength": 1, "maxLength": 1024},
                               "first_line": {"type": "integer", "minimum": 1, "maximum": 10000000},
                               "lines": {"type": "integer", "minimum": 1, "maximum": 2000}},
                             "required": ["path"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.READS), true);

    private final FileTools files;

    ReadFile(FileTools files) {
        this.files = files;
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public List<Target> targets(ToolInput input, ToolContext context) throws ToolException {
        return files.toRead(input, context);
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) throws ToolException {
        Place place = files.place(input, context);
        String text = Texts.of(place, ConfinedFiles.read(place, MAX_BYTES));
        return ToolResult.of(
                window(place, text, input.number("first_line", 1), input.number("lines", 500)));
    }

    static Map<String, @Nullable Object> window(Place place, String text, int first, int count) {
        List<String> lines = text.lines().toList();
        int from = Math.min(first - 1, lines.size());
        int to = Math.min(from + count, lines.size());
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("path", place.relative());
        answer.put("first_line", from + 1);
        answer.put("last_line", to);
        answer.put("all_lines", lines.size());
        answer.put("text", String.join("\n", lines.subList(from, to)));
        return answer;
    }
}
