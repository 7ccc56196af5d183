package dev.tendril.worker.tool.visitor;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `remember`, `recall` and `forget`: notes about one visitor, in one file for each, only with the
/// visitor's consent and only for the visitor's own turns. At most 50 notes of 300 characters; the
/// oldest give way.
public final class VisitorMemory {
    private static final int MAX_NOTES = 50;
    private static final int MAX_FILES = 10_000;
    private static final ToolCard REMEMBER =
            ToolCard.harmless(
                            "remember",
                            "Remember a short fact that this visitor wants you to know in later"
                                    + " chats. Never passwords, health, or anything about others.",
                            """
                            {"type": "object",
                             "properties": {
                               "note": {"type": "string", "minLength": 3, "maxLength": 300}},
                             "required": ["note"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.WRITES), true)
                    .ownWords();
    private static final ToolCard RECALL =
            ToolCard.harmless(
                            "recall",
                            "What was remembered about this visitor.",
                            "{\"type\": \"object\", \"additionalProperties\": false}")
                    .with(Set.of(Effect.PERSONAL), true);
    private static final ToolCard FORGET =
            ToolCard.harmless(
                            "forget",
                            "Erase everything that was remembered about this visitor.",
                            "{\"type\": \"object\", \"additionalProperties\": false}")
                    .with(Set.of(), true)
                    .ownWords();

    private final Path folder;

    /// @param folder need not exist yet
    public VisitorMemory(Path folder) {
        this.folder = folder;
    }

    /// The three tools.
    public List<Tool> tools() {
        return List.of(
                tool(REMEMBER, this::remember),
                tool(RECALL, this::recall),
                tool(FORGET, this::forget));
    }

    /// Erases what is remembered about a visitor.
    ///
    /// @return whether there was anything
    public synchronized boolean erase(String visitor) throws IOException {
        return Files.deleteIfExists(file(visitor));
    }

    private interface Body {
        Object run(ToolInput input, ToolContext context) throws ToolException, IOException;
    }

    private static Tool tool(ToolCard card, Body body) {
        return new Tool() {
            @Override
            public ToolCard card() {
                return card;
            }

            @Override
            public ToolResult run(ToolInput input, ToolContext context)
                    throws ToolException, IOException {
                return ToolResult.of(body.run(input, context));
            }
        };
    }

    private synchronized Object remember(ToolInput input, ToolContext context)
            throws ToolException, IOException {
        consented(context);
        Set<String> notes = new LinkedHashSet<>(notes(context.visitor()));
        notes.add(PlainText.clean(input.text("note")).replace('\n', ' ').strip());
        List<String> kept = new ArrayList<>(notes);
        store(context.visitor(), kept.subList(Math.max(0, kept.size() - MAX_NOTES), kept.size()));
        return Map.of("remembered", true);
    }

    private synchronized Object recall(ToolInput input, ToolContext context)
            throws ToolException, IOException {
        consented(context);
        return Map.of("notes", notes(context.visitor()));
    }

    private Object forget(ToolInput input, ToolContext context) throws IOException {
        return Map.of("erased", erase(context.visitor()));
    }

    private static void consented(ToolContext context) throws ToolDenied {
        if (!context.memory()) {
            throw new ToolDenied("memory.consent", "the visitor has not agreed to be remembered");
        }
    }

    private Path file(String visitor) {
        return folder.resolve(VisitorKey.of(visitor) + ".json");
    }

    private List<String> notes(String visitor) throws IOException {
        Path file = file(visitor);
        if (Files.notExists(file)) {
            return List.of();
        }
        try {
            return Json.read(Files.readString(file)) instanceof List<?> list
                    ? list.stream().map(String::valueOf).toList()
                    : List.of();
        } catch (BadJson e) {
            return List.of();
        }
    }

    private void store(String visitor, List<String> notes) throws IOException, ToolDenied {
        var ownerOnly = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(ownerOnly));
        Path file = file(visitor);
        try (var files = Files.list(folder)) {
            if (Files.notExists(file) && files.count() >= MAX_FILES) {
                throw new ToolDenied("memory.full", "nobody new can be remembered at the moment");
            }
        }
        Path fresh = Files.createTempFile(folder, ".note", ".tmp");
        Files.writeString(fresh, Json.write(notes));
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
