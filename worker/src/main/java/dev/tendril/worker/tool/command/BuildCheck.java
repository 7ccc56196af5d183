package dev.tendril.worker.tool.command;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.tool.AfterWrites;
import dev.tendril.worker.tool.PlainText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The auto-fix loop's build: runs the operator's command after files were changed and hands its
/// errors to the model.
///
/// ```yaml
/// autofix:
///   run: [/usr/bin/mvn, -q, -o, test-compile]
///   directory: /srv/site
///   timeout: 60               # seconds, 1 to 120
/// ```
///
/// The exit value decides, not whether something was printed. The program gets nothing of the
/// worker's environment.
public final class BuildCheck implements AfterWrites {
    private static final Logger LOG = LoggerFactory.getLogger(BuildCheck.class);
    private static final int MAX_CHARS = 8_000;

    private final List<String> command;
    private final Path directory;
    private final Duration timeout;

    private BuildCheck(List<String> command, Path directory, Duration timeout) {
        this.command = command;
        this.directory = directory;
        this.timeout = timeout;
    }

    /// Reads the key `autofix`; nothing is checked when it is not there.
    public static AfterWrites read(YamlSection top) throws BadFile {
        if (!top.has("autofix")) {
            return AfterWrites.NOTHING;
        }
        YamlSection at = top.section("autofix");
        at.allow("run", "directory", "timeout");
        List<String> command = at.list("run");
        if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
            throw at.wrong("run", "a program's absolute path and its arguments are expected");
        }
        Path directory = Path.of(at.word("directory", ""));
        if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
            throw at.wrong("directory", "an absolute path of a directory is expected");
        }
        return new BuildCheck(
                command, directory, Duration.ofSeconds(at.number("timeout", 60, 1, 120)));
    }

    @Override
    public @Nullable String check() throws InterruptedException {
        try {
            Program.Ended ended =
                    new Program(command, directory, Map.of(), timeout, 4 * MAX_CHARS).run(null);
            if (ended.exit() == 0) {
                return null;
            }
            String said = PlainText.clean((ended.out() + "\n" + ended.err()).strip());
            return (ended.timedOut() ? "The build did not end in time.\n" : "The build fails.\n")
                    + PlainText.headAndTail(said, MAX_CHARS);
        } catch (IOException e) {
            LOG.warn("The build {} cannot be started: {}", command.getFirst(), e.toString());
            return null;
        }
    }
}
