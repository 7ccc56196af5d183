package dev.tendril.worker.tool.files;

import dev.tendril.worker.tool.ToolDenied;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file or directory below an allowed root, as names only; nothing was looked at yet.
///
/// @param root absolute and real
/// @param names from the root down; empty for the root itself
public record Place(Path root, List<String> names) {
    private static final int MAX_CHARS = 1_024;

    /// Copies the names.
    public Place {
        names = List.copyOf(names);
    }

    /// Reads a path as a model wrote it: relative to the first root, or absolute below any of them.
    ///
    /// @param roots allowed directories, absolute and real
    /// @throws ToolDenied when it leads out, or is no path
    public static Place of(List<Path> roots, String path) throws ToolDenied {
        if (roots.isEmpty()) {
            throw new ToolDenied("files.roots", "no directory is open to this role");
        }
        List<String> names = names(path);
        if (!path.startsWith("/")) {
            return new Place(roots.getFirst(), names);
        }
        Path absolute = Path.of("/", names.toArray(String[]::new));
        for (Path root : roots) {
            if (absolute.startsWith(root)) {
                return new Place(root, names.subList(root.getNameCount(), names.size()));
            }
        }
        throw new ToolDenied("files.outside", "the path lies outside the allowed directories");
    }

    private static List<String> names(String path) throws ToolDenied {
        if (path.length() > MAX_CHARS) {
            throw new ToolDenied("files.path", "the path is over 1,024 characters");
        }
        List<String> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                throw new ToolDenied("files.outside", "the path contains ..");
            }
            if (name.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
                throw new ToolDenied("files.path", "the path contains control characters");
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names;
    }

    /// Its absolute path, for rules and messages, never for opening.
    public Path path() {
        Path path = root;
        for (String name : names) {
            path = path.resolve(name);
        }
        return path;
    }

    /// The path below the root, `.` for the root itself.
    String relative() {
        return names.isEmpty() ? "." : String.join("/", names);
    }

    /// Something in this directory.
    Place child(String name) {
        List<String> longer = new ArrayList<>(names);
        longer.add(name);
        return new Place(root, longer);
    }

    boolean has(String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    /// Whether a name on the way begins with a dot.
    public boolean hidden() {
        return names.stream().anyMatch(n -> n.startsWith("."));
    }
}
