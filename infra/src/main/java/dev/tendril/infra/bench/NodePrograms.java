package dev.tendril.infra.bench;

import dev.tendril.infra.stage.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The programs of `infra/bench` that Tendril is measured beside. What they need is fetched by npm
/// at the first use, in the versions of the lock file.
///
/// @param directory of their package
/// @param work for their output
record NodePrograms(Path directory, Path work) {
    private static final Duration FETCH = Duration.ofMinutes(5);

    /// Fetches what is missing.
    static NodePrograms ready(Path checkout, Path work) throws IOException, InterruptedException {
        Path directory = checkout.resolve("infra/bench");
        if (!Files.exists(directory.resolve("node_modules/.package-lock.json"))) {
            Path log = work.resolve("npm.log");
            Process npm =
                    new ProcessBuilder("npm", "ci", "--silent", "--ignore-scripts")
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            if (!npm.waitFor(FETCH.toSeconds(), TimeUnit.SECONDS) || npm.exitValue() != 0) {
                npm.destroyForcibly();
                throw new IOException(
                        "npm could not fetch what the bench compares with:\n"
                                + Files.readString(log));
            }
        }
        return new NodePrograms(directory, work);
    }

    /// Starts one of them.
    Child start(String script, Map<String, String> environment, Object... arguments)
            throws IOException {
        var command = new ArrayList<>(List.of("node", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return Child.start(
                script, command, environment, directory, work.resolve(script + ".log"), "");
    }
}
