package dev.tendril.infra.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A process of ours, with its output in a file. Ends with this JVM at the latest.
public final class Child implements AutoCloseable {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();
    private static final Duration END = Duration.ofSeconds(20);

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> ALIVE.forEach(Process::destroyForcibly), "end-children"));
    }

    private final String name;
    private final Process process;
    private final Path log;
    private final long logFrom;

    private Child(String name, Process process, Path log, long logFrom) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.logFrom = logFrom;
    }

    /// Starts `command`; its standard output and error are appended to `log`.
    ///
    /// @param environment on top of this JVM's, without its TENDRIL_* variables
    /// @param input what it reads on standard input
    public static Child start(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path directory,
            Path log,
            String input)
            throws IOException {
        long from = Files.exists(log) ? Files.size(log) : 0;
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("TENDRIL_"));
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Process process = builder.start();
        ALIVE.add(process);
        process.onExit().thenAccept(ALIVE::remove);
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return new Child(name, process, log, from);
    }

    /// Process id.
    public long pid() {
        return process.pid();
    }

    /// Whether it runs or is stopped by a signal.
    public boolean alive() {
        return process.isAlive();
    }

    /// Everything that this life of it has written so far.
    public String output() {
        try (var file = Files.newInputStream(log)) {
            file.skipNBytes(logFrom);
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The first whole line of output that fits.
    ///
    /// @throws AssertionError with the output's end, when it does not come in time or the process
    ///   ends before
    public String awaitLine(Duration limit, String what, Predicate<String> fits) {
        try {
            return Await.value(
                    limit,
                    name + " to write " + what,
                    () -> {
                        boolean ended = !process.isAlive();
                        String output = output();
                        String whole = output.substring(0, output.lastIndexOf('\n') + 1);
                        var line = whole.lines().filter(fits).findFirst();
                        if (line.isEmpty() && ended) {
                            throw new AssertionError(
                                    name + " ended with status " + process.exitValue());
                        }
                        return line.orElse(null);
                    });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; its output ends:\n" + tail(), e);
        }
    }

    /// Waits for its end by itself and tells its exit status.
    public int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(name + " still runs after " + limit + ":\n" + tail());
        }
        return process.exitValue();
    }

    /// SIGKILL, and waits for the end.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit(END);
    }

    /// SIGTERM, and waits for the end.
    ///
    /// @return exit status
    public int terminate() throws InterruptedException {
        process.destroy();
        return awaitExit(END);
    }

    /// SIGSTOP: it stands still with all its sockets open until [#resume].
    public void pause() throws IOException, InterruptedException {
        Signals.send("STOP", pid());
    }

    /// SIGCONT.
    public void resume() throws IOException, InterruptedException {
        Signals.send("CONT", pid());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String tail() {
        String output = output();
        return output.substring(Math.max(0, output.length() - 4000));
    }
}
