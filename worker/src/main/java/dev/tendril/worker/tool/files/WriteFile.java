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

/// Creates or replaces a whole text file.
final class WriteFile implements Tool {
    private static final ToolCard CARD =
            ToolCard.harmless(
                            "write_file",
                            "Create a text file, or replace the whole of one. Missing directories"
                                    + " are created. For a small change use edit_file.",
                            """
                            {"type": "object",
                             "properties": {
                               "path": {"type": "string", "minLength": 1, "maxLength": 1024},
                               "text": {"type": "string"}},
                             "required": ["path", "text"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.WRITES), true)
                    .ownWords();

    private final FileTools files;

    WriteFile(FileTools files) {
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
        byte[] content = input.text("text").getBytes(StandardCharsets.UTF_8);
        ConfinedFiles.write(place, content);
        return ToolResult.of(Map.of("path", place.relative(), "bytes", content.length));
    }
}
