package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs the programs of one extracted PostgreSQL, as root inside a user namespace.
///
/// Their output goes to a file, never through a pipe: a server would inherit the pipe and whoever
/// reads it would wait for ever.
///
/// @param home the extracted programs
/// @param root working directory
/// @param prefix put before each command
record PostgresPrograms(Path home, Path root, List<String> prefix) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int TAIL_LINES = 3;

    /// @throws PostgresFailure when this is root and user namespaces are not to be had
    static PostgresPrograms of(Path home, Path root) throws IOException {
        var root0 = Files.getAttribute(root.resolve("lock"), "unix:uid").equals(0);
        if (root0 && !namespacesWork()) {
            throw new PostgresFailure(
                    "PostgreSQL refuses to run as root and user namespaces are not available here:"
                            + " run Tendril as an ordinary user, or set TENDRIL_DATABASE_URL to a"
                            + " PostgreSQL 18 server.");
        }
        return new PostgresPrograms(home, root, root0 ? List.of("unshare", "-U") : List.of());
    }

    /// The exit value.
    int run(Path output, @Nullable String input, List<String> command)
            throws IOException, InterruptedException {
        var process = start(output, command);
        try (var in = process.getOutputStream()) {
            if (input != null) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // It ended without reading; its exit value and output say why.
        }
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return process.exitValue();
    }

    /// Starts the server in a session of its own: a Ctrl-C meant for us must not stop it before its
    /// clients. Its process id stays that of the returned process.
    Process startServer(Path output, List<String> options) throws IOException {
        var command = new ArrayList<String>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        command.addAll(prefix);
        command.add(program("postgres"));
        command.addAll(options);
        return builder(output, command).start();
    }

    private Process start(Path output, List<String> command) throws IOException {
        var all = new ArrayList<>(prefix);
        all.add(program(command.getFirst()));
        all.addAll(command.subList(1, command.size()));
        return builder(output, all).start();
    }

    private ProcessBuilder builder(Path output, List<String> command) {
        var builder =
                new ProcessBuilder(command)
                        .directory(root.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    private String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    /// The last lines of a log, on one line.
    static String tail(Path log) {
        try {
            var lines =
                    Files.readString(log, StandardCharsets.ISO_8859_1)
                            .lines()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList();
            return String.join(
                    " | ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "no log";
        }
    }

    private static boolean namespacesWork() {
        try {
            var process =
                    new ProcessBuilder("unshare", "-U", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
