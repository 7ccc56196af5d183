package dev.tendril.worker.tool.files;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Replaces one passage of a text file. Not idempotent: the second time, the passage is gone or,
/// worse, stands again in what replaced it.
final class EditFile implements Tool {
    private static final ToolCard CARD =
            ToolCard.harmless(
                            "edit_file",
                            "Replace a passage of a text file. The old text must stand in the file"
                                    + " exactly once; give enough lines around it.",
                            """
                            {"type": "object",
                             "properties": {
                               "path": {"type": "string", "minLength": 1, "maxLength": 1024},
                               "old_text": {"type": "string", "minLength": 1},
                               "new_text": {"type": "string"}},
                             "required": ["path", "old_text", "new_text"],
                             "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.READS, Effect.WRITES), false)
                    .ownWords();

    private final FileTools files;

    EditFile(FileTools files) {
        this.files = files;
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public List<Target> targets(ToolInput input, ToolContext context) throws ToolException {
        return files.toWrite(input, context);
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) throws ToolException {
        Place place = files.place(input, context);
        String text = Texts.of(place, ConfinedFiles.read(place, ReadFile.MAX_BYTES));
        String old = input.text("old_text");
        int at = text.indexOf(old);
        if (at < 0) {
            throw new ToolException("The old text does not stand in " + place.relative() + ".");
        }
        if (text.indexOf(old, at + 1) >= 0) {
            throw new ToolException(
                    "The old text stands in " + place.relative() + " more than once.");
        }
        String changed =
                text.substring(0, at) + input.text("new_text") + text.substring(at + old.length());
        if (changed.indexOf('\uFFFD') >= 0 && text.indexOf('\uFFFD') >= 0) {
            throw new ToolException(
                    place.relative() + " is not UTF-8, so an edit would damage it elsewhere.");
        }
        ConfinedFiles.write(place, changed.getBytes(StandardCharsets.UTF_8));
        long line = text.substring(0, at).lines().count();
        return ToolResult.of(Map.of("path", place.relative(), "line", Math.max(1, line)));
    }
}
