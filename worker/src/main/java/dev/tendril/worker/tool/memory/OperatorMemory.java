package dev.tendril.worker.tool.memory;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `manage_memory`, `search_memory`, `log_memory` and `consolidate_memory`, over markdown files in
/// one folder for each role: `topics/<topic>.md`, `daily/<date>.md`, `condensed/<date>.md`.
///
/// Consolidation is the model's work and this tool's bookkeeping: asked without a summary it gives
/// the daily logs up to a day, with one it stores the summary and lets those logs go.
public final class OperatorMemory {
    private static final int MAX_FILE_CHARS = 64_000;
    private static final int MAX_FILES = 2_000;
    private static final int MAX_HITS = 20;
    private static final String TOPIC =
            "\"topic\": {\"type\": \"string\", \"pattern\": \"^[a-z0-9][a-z0-9-]{0,59}$\"}";
    private static final ToolCard MANAGE =
            card(
                    "manage_memory",
                    "Keep notes on a topic: write replaces them, append adds to them, read shows"
                            + " them, delete removes them, list names all topics.",
                    """
                    {"type": "object",
                     "properties": {
                       "action": {"enum": ["write", "append", "read", "delete", "list"]},
                       %s,
                       "text": {"type": "string", "minLength": 1, "maxLength": 8000}},
                     "required": ["action"], "additionalProperties": false}
                    """
                            .formatted(TOPIC),
                    Set.of(Effect.READS, Effect.WRITES),
                    false);
    private static final ToolCard SEARCH =
            card(
                    "search_memory",
                    "Find notes, daily logs and condensed logs that contain all the given words.",
                    """
                    {"type": "object",
                     "properties": {"words": {"type": "string", "minLength": 1, "maxLength": 200}},
                     "required": ["words"], "additionalProperties": false}
                    """,
                    Set.of(Effect.READS),
                    true);
    private static final ToolCard LOG =
            card(
                    "log_memory",
                    "Add a line to today's log: what was done, decided, learned.",
                    """
                    {"type": "object",
                     "properties": {"text": {"type": "string", "minLength": 3, "maxLength": 2000}},
                     "required": ["text"], "additionalProperties": false}
                    """,
                    Set.of(Effect.WRITES),
                    false);
    private static final ToolCard CONSOLIDATE =
            card(
                    "consolidate_memory",
                    "Condense daily logs. First without summary: gives the logs up to that day."
                            + " Then with a summary of them: stores it and removes those logs.",
                    """
                    {"type": "object",
                     "properties": {
                       "through": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                       "summary": {"type": "string", "minLength": 20, "maxLength": 8000}},
                     "required": ["through"], "additionalProperties": false}
                    """,
                    Set.of(Effect.READS, Effect.WRITES),
                    false);

    private final Path folder;
    private final InstantSource clock;

    /// @param folder need not exist yet
    /// @param clock decides which day it is, in UTC
    public OperatorMemory(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    private static ToolCard card(
            String name,
            String description,
            String schema,
            Set<Effect> effects,
            boolean repeatable) {
        return ToolCard.harmless(name, description, schema).with(effects, repeatable).ownWords();
    }

    /// The four tools.
    public List<Tool> tools() {
        return List.of(
                new Bound(MANAGE, this::manage),
                new Bound(SEARCH, this::search),
                new Bound(LOG, this::log),
                new Bound(CONSOLIDATE, this::consolidate));
    }

    private interface Body {
        Object run(ToolInput input, Path home) throws ToolException, IOException;
    }

    private final class Bound implements Tool {
        private final ToolCard card;
        private final Body body;

        Bound(ToolCard card, Body body) {
            this.card = card;
            this.body = body;
        }

        @Override
        public ToolCard card() {
            return card;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context)
                throws ToolException, IOException {
            synchronized (OperatorMemory.this) {
                return ToolResult.of(body.run(input, folder.resolve(context.role().key())));
            }
        }
    }

    private Object manage(ToolInput input, Path home) throws ToolException, IOException {
        String action = input.text("action");
        if (action.equals("list")) {
            return Map.of("topics", names(home.resolve("topics")));
        }
        String topic = input.text("topic", "");
        if (topic.isEmpty()) {
            throw new ToolException("A topic is needed, such as release-notes.");
        }
        Path file = home.resolve("topics").resolve(topic + ".md");
        String before = Files.exists(file) ? Files.readString(file) : "";
        switch (action) {
            case "read" -> {
                if (before.isEmpty()) {
                    throw new ToolException("There are no notes on " + topic + ".");
                }
                return Map.of("topic", topic, "text", before);
            }
            case "delete" -> {
                return Map.of("deleted", Files.deleteIfExists(file));
            }
            default -> {
                String text = PlainText.clean(input.text("text", ""));
                if (text.isBlank()) {
                    throw new ToolException("A text is needed.");
                }
                store(file, action.equals("append") ? before + text + "\n" : text + "\n");
                return Map.of("stored", true);
            }
        }
    }

    private Object log(ToolInput input, Path home) throws ToolException, IOException {
        var now = clock.instant().atZone(ZoneOffset.UTC);
        Path file = home.resolve("daily").resolve(now.toLocalDate() + ".md");
        String before = Files.exists(file) ? Files.readString(file) : "";
        String line = PlainText.clean(input.text("text")).replace('\n', ' ').strip();
        store(file, before + "- " + now.toLocalTime().withNano(0) + " " + line + "\n");
        return Map.of("logged", true);
    }

    private Object search(ToolInput input, Path home) throws IOException {
        List<String> words =
                List.of(input.text("words").toLowerCase(Locale.ROOT).strip().split("\\s+"));
        List<Object> hits = new ArrayList<>();
        for (String kind : List.of("topics", "condensed", "daily")) {
            for (String name : names(home.resolve(kind)).reversed()) {
                String text = Files.readString(home.resolve(kind).resolve(name + ".md"));
                String lower = (name + " " + text).toLowerCase(Locale.ROOT);
                if (hits.size() < MAX_HITS && words.stream().allMatch(lower::contains)) {
                    Map<String, @Nullable Object> hit = new LinkedHashMap<>();
                    hit.put("kind", kind);
                    hit.put("name", name);
                    hit.put("text", PlainText.headAndTail(text, 1_500));
                    hits.add(hit);
                }
            }
        }
        return Map.of("found", hits);
    }

    private Object consolidate(ToolInput input, Path home) throws ToolException, IOException {
        LocalDate through;
        try {
            through = LocalDate.parse(input.text("through"));
        } catch (DateTimeException e) {
            throw new ToolException("There is no such day.");
        }
        if (!through.isBefore(clock.instant().atZone(ZoneOffset.UTC).toLocalDate())) {
            throw new ToolException("Today's log still grows; take an earlier day.");
        }
        List<String> days = new ArrayList<>(names(home.resolve("daily")));
        days.removeIf(day -> day.compareTo(through.toString()) > 0);
        if (days.isEmpty()) {
            throw new ToolException("There are no logs up to that day.");
        }
        String summary = input.text("summary", "");
        if (summary.isEmpty()) {
            Map<String, @Nullable Object> logs = new LinkedHashMap<>();
            for (String day : days) {
                logs.put(day, Files.readString(home.resolve("daily").resolve(day + ".md")));
            }
            return Map.of("logs", logs);
        }
        store(home.resolve("condensed").resolve(through + ".md"), PlainText.clean(summary) + "\n");
        for (String day : days) {
            Files.deleteIfExists(home.resolve("daily").resolve(day + ".md"));
        }
        return Map.of("condensed", days.size());
    }

    private static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".md"))
                    .map(name -> name.substring(0, name.length() - 3))
                    .sorted()
                    .toList();
        }
    }

    private static void store(Path file, String text) throws IOException, ToolException {
        if (text.length() > MAX_FILE_CHARS) {
            throw new ToolException("There is no room for more in this file; shorten it first.");
        }
        Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent());
        var ownerOnly = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(ownerOnly));
        if (Files.notExists(file) && names(parent).size() >= MAX_FILES) {
            throw new ToolException("There are too many notes; delete some first.");
        }
        Path fresh = Files.createTempFile(parent, ".note", ".tmp");
        Files.writeString(fresh, text);
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
