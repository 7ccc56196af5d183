package dev.tendril.worker.tool.files;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Searches lines of text files. The pattern language is RE2's, whose time is linear in the text.
final class Grep implements Tool {
    private static final long MAX_FILE_BYTES = 2L * 1024 * 1024;
    private static final long MAX_ALL_BYTES = 64L * 1024 * 1024;
    private static final int MAX_FILES = 20_000;
    private static final int MAX_MATCHES = 200;
    private static final int MAX_LINE = 400;
    private static final int MAX_DEPTH = 16;

    private static final ToolCard CARD =
            ToolCard.harmless(
                            "grep",
                            "Find lines that match a regular expression (RE2: no backreferences, no"
                                    + " lookaround) in the text files of a directory. At most 200"
                                    + " matches.",
                            """
                            {"type": "object",
                             "properties": {
                               "pattern": {"type": "string", "minLength": 1, "maxLength": 256},
                               "path": {"type": "string", "maxLength": 1024},
                               "ignore_case": {"type": "boolean"}},
                             "required": ["pattern"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.READS), true)
                    .within(Duration.ofSeconds(20));

    private final FileTools files;

    Grep(FileTools files) {
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
        Search search = new Search(compile(input.text("pattern"), input.flag("ignore_case")));
        boolean whole = search.in(files.place(input, context), "", MAX_DEPTH);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("matches", search.matches);
        answer.put("files_searched", search.searched);
        answer.put("files_skipped", search.skipped);
        answer.put("complete", whole);
        return ToolResult.of(answer);
    }

    private static Pattern compile(String pattern, boolean ignoreCase) throws ToolException {
        if (!Repeats.small(pattern)) {
            throw new ToolException("The pattern repeats too much: at most 1,000 in all.");
        }
        try {
            return Pattern.compile(pattern, ignoreCase ? Pattern.CASE_INSENSITIVE : 0);
        } catch (PatternSyntaxException e) {
            throw new ToolException(
                    "The pattern is no RE2 expression: " + e.getDescription() + ".");
        }
    }

    /// One search; used by one thread.
    private static final class Search {
        private final Pattern pattern;
        private final List<Object> matches = new ArrayList<>();
        private int searched;
        private int skipped;
        private long bytes;

        Search(Pattern pattern) {
            this.pattern = pattern;
        }

        boolean in(Place place, String prefix, int depth)
                throws ToolException, InterruptedException {
            if (ConfinedFiles.kind(place).equals("file")) {
                return file(place, place.relative());
            }
            for (ConfinedFiles.Entry entry : ConfinedFiles.list(place)) {
                String name = prefix + entry.name();
                boolean going =
                        switch (entry.kind()) {
                            case "directory" ->
                                    entry.name().equals(".git")
                                            || depth == 0
                                            || in(place.child(entry.name()), name + "/", depth - 1);
                            case "file" -> file(place.child(entry.name()), name);
                            default -> true;
                        };
                if (!going) {
                    return false;
                }
            }
            return true;
        }

        /// @return false when a limit is reached
        private boolean file(Place place, String name) throws InterruptedException {
            byte[] content;
            try {
                content = ConfinedFiles.read(place, MAX_FILE_BYTES);
            } catch (ToolException e) {
                skipped++;
                return skipped < MAX_FILES;
            }
            if (Texts.binary(content)) {
                skipped++;
                return skipped < MAX_FILES;
            }
            searched++;
            bytes += content.length;
            int number = 0;
            for (String line : new String(content, StandardCharsets.UTF_8).lines().toList()) {
                number++;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (pattern.matcher(line).find()) {
                    if (matches.size() == MAX_MATCHES) {
                        return false;
                    }
                    String shown =
                            line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
                    matches.add(name + ":" + number + ": " + shown);
                }
            }
            return bytes < MAX_ALL_BYTES && searched < MAX_FILES;
        }
    }
}
