package dev.tendril.worker.tool.files;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lists a directory, a few levels deep.
final class ListFiles implements Tool {
    static final int MAX_ENTRIES = 1_000;

    private static final ToolCard CARD =
            ToolCard.harmless(
                            "list_files",
                            "List the files of a directory, at most 1,000 entries. Links are shown"
                                    + " and never followed; .git is left out.",
                            """
                            {"type": "object",
                             "properties": {
                               "path": {"type": "string", "maxLength": 1024},
                               "depth": {"type": "integer", "minimum": 1, "maximum": 8}},
                             "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.READS), true);

    private final FileTools files;

    ListFiles(FileTools files) {
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
    public ToolResult run(ToolInput input, ToolContext context)
            throws ToolException, InterruptedException {
        List<String> entries = new ArrayList<>();
        boolean whole =
                list(files.place(input, context), "", input.number("depth", 1), entries, false);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("entries", entries);
        answer.put("complete", whole);
        return ToolResult.of(answer);
    }

    /// Adds what the directory has; directories end in `/`.
    ///
    /// @return false when there was more than fits
    static boolean list(
            Place place, String prefix, int depth, List<String> entries, boolean withoutHidden)
            throws ToolException, InterruptedException {
        for (ConfinedFiles.Entry entry : ConfinedFiles.list(place)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (entry.name().equals(".git") || (withoutHidden && entry.name().startsWith("."))) {
                continue;
            }
            if (entries.size() == MAX_ENTRIES) {
                return false;
            }
            boolean folder = entry.kind().equals("directory");
            String mark =
                    folder ? "/" : entry.kind().equals("file") ? "" : " (" + entry.kind() + ")";
            entries.add(prefix + entry.name() + mark);
            if (folder
                    && depth > 1
                    && !list(
                            place.child(entry.name()),
                            prefix + entry.name() + "/",
                            depth - 1,
                            entries,
                            withoutHidden)) {
                return false;
            }
        }
        return true;
    }
}
