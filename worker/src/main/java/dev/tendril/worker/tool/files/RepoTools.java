package dev.tendril.worker.tool.files;

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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `list_repos` and `read_repo_file`: source code that visitors may read. Each directory of one
/// folder is a repository; whatever begins with a dot, `.git` and `.env` above all, does not exist.
public final class RepoTools {
    private static final ToolCard LIST =
            ToolCard.harmless(
                    "list_repos",
                    "List the source repositories that can be read, or the files of one of them.",
                    """
                    {"type": "object",
                     "properties": {
                       "repo": {"type": "string", "minLength": 1, "maxLength": 100},
                       "path": {"type": "string", "maxLength": 1024},
                       "depth": {"type": "integer", "minimum": 1, "maximum": 4}},
                     "additionalProperties": false}
                    """);
    private static final ToolCard READ =
            ToolCard.harmless(
                    "read_repo_file",
                    "Read lines of a text file of a source repository.",
                    """
                    {"type": "object",
                     "properties": {
                       "repo": {"type": "string", "minLength": 1, "maxLength": 100},
                       "path": {"type": "string", "minLength": 1, "maxLength": 1024},
                       "first_line": {"type": "integer", "minimum": 1, "maximum": 10000000},
                       "lines": {"type": "integer", "minimum": 1, "maximum": 1000}},
                     "required": ["repo", "path"], "additionalProperties": false}
                    """);
    private static final long MAX_BYTES = 2L * 1024 * 1024;

    private final Path folder;

    private RepoTools(Path folder) {
        this.folder = folder;
    }

    /// Both tools, or none when the folder does not exist.
    ///
    /// @param folder whose directories are repositories
    public static List<Tool> all(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        RepoTools repos = new RepoTools(folder.toRealPath());
        return List.of(repos.new Lists(), repos.new Reads());
    }

    private Place place(ToolInput input) throws ToolDenied {
        String repo = input.text("repo");
        if (repo.contains("/") || repo.startsWith(".")) {
            throw new ToolDenied("repos.name", "that is no repository's name");
        }
        Place relative = Place.of(List.of(folder), repo + "/" + input.text("path", "."));
        if (input.text("path", ".").startsWith("/")) {
            throw new ToolDenied("repos.path", "paths are relative to the repository");
        }
        if (relative.hidden()) {
            throw new ToolDenied("repos.hidden", "files that begin with a dot are not shown");
        }
        return relative;
    }

    private final class Lists implements Tool {
        @Override
        public ToolCard card() {
            return LIST;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context)
                throws ToolException, InterruptedException {
            List<String> entries = new ArrayList<>();
            boolean whole;
            if (input.text("repo", "").isEmpty()) {
                whole = ListFiles.list(new Place(folder, List.of()), "", 1, entries, true);
                entries.removeIf(e -> !e.endsWith("/"));
                entries.replaceAll(e -> e.substring(0, e.length() - 1));
            } else {
                whole = ListFiles.list(place(input), "", input.number("depth", 1), entries, true);
            }
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put(input.text("repo", "").isEmpty() ? "repos" : "files", entries);
            answer.put("complete", whole);
            return ToolResult.of(answer);
        }
    }

    private final class Reads implements Tool {
        @Override
        public ToolCard card() {
            return READ;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context) throws ToolException {
            Place place = place(input);
            if (place.names().size() < 2) {
                throw new ToolException("A file of the repository is expected.");
            }
            String text = Texts.of(place, ConfinedFiles.read(place, MAX_BYTES));
            return ToolResult.of(
                    ReadFile.window(
                            place,
                            text,
                            input.number("first_line", 1),
                            input.number("lines", 300)));
        }
    }
}
