package dev.tendril.worker.tool.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds programs by name, only where the system's owner installs them.
final class Programs {
    static final List<String> PATH =
            List.of("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin");

    private Programs() {}

    /// The program's path, or null.
    static @Nullable Path find(String name) {
        if (name.contains("/") || name.startsWith(".") || name.indexOf('\0') >= 0) {
            return null;
        }
        for (String folder : PATH) {
            Path path = Path.of(folder, name);
            if (Files.isRegularFile(path) && Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }
}
