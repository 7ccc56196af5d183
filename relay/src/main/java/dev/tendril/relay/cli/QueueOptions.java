package dev.tendril.relay.cli;

import dev.tendril.contract.run.Tags;
import dev.tendril.service.run.QueueRules;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--max-running`, `--needs`, `--priority`.
final class QueueOptions {

    private static final int MOST_RUNNING = 1_000;
    private static final int LAST_PRIORITY = 1_000;

    @Option(
            names = "--max-running",
            paramLabel = "N",
            description =
                    "at most so many answers at once, 1 to 1000, whatever the number of workers;"
                            + " none for no limit")
    private @Nullable String maxRunning;

    @Option(
            names = "--needs",
            paramLabel = "TAGS",
            description =
                    "only workers that offer all of these answer, such as tools,model:qwen3:8b; none"
                            + " for any worker")
    private @Nullable String needs;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description = "of new runs, 0 to 1000; less goes first (default 100)")
    private @Nullable Integer priority;

    boolean given() {
        return maxRunning != null || needs != null || priority != null;
    }

    /// These rules with what was given in their place.
    ///
    /// @throws RelayFailure something is out of range
    QueueRules over(QueueRules present) {
        return new QueueRules(
                maxRunning == null ? present.maxRunning() : limit(maxRunning),
                needs == null ? present.needs() : tags(needs),
                priority == null ? present.priority() : priority(priority));
    }

    private static @Nullable Integer limit(String given) {
        if (given.equals("none")) {
            return null;
        }
        int limit = given.matches("[0-9]{1,4}") ? Integer.parseInt(given) : 0;
        if (limit < 1 || limit > MOST_RUNNING) {
            throw new RelayFailure("--max-running is 1 to 1000, or none.");
        }
        return limit;
    }

    private static List<String> tags(String given) {
        if (given.equals("none")) {
            return List.of();
        }
        List<String> tags = Stream.of(given.split(",", -1)).map(String::strip).toList();
        if (!Tags.valid(tags)) {
            throw new RelayFailure(
                    "--needs is up to 16 tags of letters, digits and ._:/@+- with commas between.");
        }
        return Tags.sorted(tags);
    }

    private static int priority(int given) {
        if (given < 0 || given > LAST_PRIORITY) {
            throw new RelayFailure("--priority is 0 to 1000.");
        }
        return given;
    }
}
