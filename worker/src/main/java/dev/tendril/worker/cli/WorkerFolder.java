package dev.tendril.worker.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data-dir` of the commands about a worker.
public final class WorkerFolder {

    private Map<String, String> environment = System.getenv();

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    /// Another environment than the process's own, for tests.
    void world(Map<String, String> variables) {
        environment = variables;
    }

    Path path() {
        return DataDir.of(dataDir, environment);
    }

    /// `.tendril` in the home of whoever runs this.
    static Path home(Map<String, String> environment) {
        String home = environment.get("HOME");
        String base = home == null || home.isBlank() ? System.getProperty("user.home") : home;
        return Path.of(base, ".tendril");
    }
}
