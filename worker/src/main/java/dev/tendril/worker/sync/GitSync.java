package dev.tendril.worker.sync;

import dev.tendril.worker.tool.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a shallow checkout up to date. Hooks and helpers of the machine's git configuration are
/// not used, and git asks nobody for a password.
final class GitSync {
    private static final Logger LOG = LoggerFactory.getLogger(GitSync.class);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "GIT_TERMINAL_PROMPT", "0",
                    "GIT_CONFIG_NOSYSTEM", "1",
                    "GIT_CONFIG_GLOBAL", "/dev/null");

    private GitSync() {}

    /// @param checkout where it is kept
    /// @return whether it is up to date
    static boolean update(Source.Git source, Path checkout)
            throws IOException, InterruptedException {
        Path parent = Objects.requireNonNull(checkout.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        if (Files.isDirectory(checkout.resolve(".git"))) {
            List<String> fetch =
                    new ArrayList<>(List.of("git", "fetch", "-q", "--depth", "1", "origin"));
            fetch.add(source.branch() == null ? "HEAD" : source.branch());
            return run(fetch, checkout, source)
                    && run(List.of("git", "reset", "-q", "--hard", "FETCH_HEAD"), checkout, source)
                    && run(List.of("git", "clean", "-q", "-ffdx"), checkout, source);
        }
        List<String> clone = new ArrayList<>(List.of("git", "clone", "-q", "--depth", "1"));
        if (source.branch() != null) {
            clone.addAll(List.of("--branch", source.branch()));
        }
        clone.addAll(List.of("--", source.repository(), checkout.toString()));
        return run(clone, parent, source);
    }

    private static boolean run(List<String> command, Path in, Source.Git source)
            throws IOException, InterruptedException {
        Program.Ended ended = new Program(command, in, ENVIRONMENT, LIMIT, 4_000).run(null);
        if (ended.exit() != 0) {
            LOG.warn(
                    "{} of the source {} failed: {}",
                    String.join(" ", command.subList(0, 2)),
                    source.name(),
                    ended.err().strip());
        }
        return ended.exit() == 0;
    }
}
