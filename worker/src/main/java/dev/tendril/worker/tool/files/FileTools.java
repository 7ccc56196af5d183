package dev.tendril.worker.tool.files;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.RolePolicy;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The file tools of operators, and what they share: where the role may read and write.
public final class FileTools {
    private final Policy policy;

    FileTools(Policy policy) {
        this.policy = policy;
    }

    /// `read_file`, `write_file`, `edit_file`, `list_files`, `grep`.
    public static List<Tool> all(Policy policy) {
        FileTools files = new FileTools(policy);
        return List.of(
                new ReadFile(files),
                new WriteFile(files),
                new EditFile(files),
                new ListFiles(files),
                new Grep(files));
    }

    /// The place that the argument `path` names. Writable directories come first, so that relative
    /// paths mean the same for reading and writing.
    Place place(ToolInput input, ToolContext context) throws ToolDenied {
        return Place.of(roots(context), input.text("path", "."));
    }

    private List<Path> roots(ToolContext context) {
        RolePolicy.Reach reach = policy.of(context.role()).reach();
        List<Path> roots = new ArrayList<>(reach.write());
        roots.addAll(reach.read());
        return roots;
    }

    List<Target> toRead(ToolInput input, ToolContext context) throws ToolDenied {
        return List.of(new Target.Read(place(input, context).path()));
    }

    List<Target> toWrite(ToolInput input, ToolContext context) throws ToolDenied {
        Place place = place(input, context);
        if (place.has(".git")) {
            throw new ToolDenied(
                    "files.git", "what stands in .git can run programs, so no tool writes there");
        }
        return List.of(new Target.Write(place.path()));
    }
}
