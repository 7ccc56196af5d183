package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Programs that `./tendril test` fetches where it can; without one a test is skipped, which counts
/// as a failure when `CI=true`.
final class Needs {
    private Needs() {}

    static void program(String name) {
        assumeTrue(
                List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, name))),
                "there is no " + name + " on the PATH");
    }
}
