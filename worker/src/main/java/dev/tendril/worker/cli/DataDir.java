package dev.tendril.worker.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a worker's own files are.
final class DataDir {
    private DataDir() {}

    /// What was given, else `TENDRIL_WORKER_DATA_DIR`, else `.tendril/worker` in the home.
    static Path of(@Nullable String given, Map<String, String> environment) {
        String set = environment.get("TENDRIL_WORKER_DATA_DIR");
        if (given != null && !given.isBlank()) {
            return Path.of(given).toAbsolutePath();
        }
        if (set != null && !set.isBlank()) {
            return Path.of(set).toAbsolutePath();
        }
        return WorkerFolder.home(environment).resolve("worker").toAbsolutePath();
    }
}
