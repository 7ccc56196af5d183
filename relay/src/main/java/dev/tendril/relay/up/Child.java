package dev.tendril.relay.up;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One supervised process: started again whenever it ends, until [#stop].
///
/// Its output is appended to its log, which is cut at 16 MiB (one older part is kept). A Ctrl-C at
/// the terminal reaches only the supervisor, so that the order of stopping is ours.
final class Child {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /// A process that lived this long was well; its next pause is the first again.
    private static final Duration WELL = Duration.ofSeconds(30);

    /// Out of reach of signals to the terminal's or the supervisor's process group. The process id
    /// stays: setsid forks only when it leads a group, which a child of ours does not.
    private static final String ALONE =
            "trap '' INT HUP; command -v setsid >/dev/null && exec setsid \"$@\"; exec \"$@\"";

    private static final long LOG_BYTES = 16L << 20;

    /// @param arguments the program and its arguments
    /// @param environment added to the supervisor's own; null values are removed from it
    record Command(List<String> arguments, Map<String, @Nullable String> environment) {}

    private final String name;
    private final Command command;
    private final Path log;
    private final Consumer<String> notices;
    private final Runnable changed;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Process process;
    private volatile int ends;
    private @Nullable Thread keeper;

    /// @param changed called after each start
    Child(String name, Command command, Path log, Consumer<String> notices, Runnable changed) {
        this.name = name;
        this.command = command;
        this.log = log;
        this.notices = notices;
        this.changed = changed;
    }

    synchronized void start() throws IOException {
        if (stopping.getCount() == 0) {
            return;
        }
        process = launch();
        keeper = Thread.ofPlatform().daemon().name("keep-" + name).start(this::keep);
        changed.run();
    }

    /// Now; 0 before the start.
    long pid() {
        var now = process;
        return now == null ? 0 : now.pid();
    }

    /// How often it has ended by itself.
    int ends() {
        return ends;
    }

    Path log() {
        return log;
    }

    /// Asks it to end and waits, at most `grace`; then it is killed. Idempotent.
    void stop(Duration grace) throws InterruptedException {
        stopping.countDown();
        var waiting = keeper();
        if (waiting != null) {
            waiting.join();
        }
        var last = process;
        if (last == null) {
            return;
        }
        last.destroy();
        if (!last.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            notices.accept(name + " did not end in " + grace.toSeconds() + " s; killed.");
            last.destroyForcibly().waitFor();
        }
    }

    /// Cuts the log when it has grown too long. The process appends, so its next line starts the
    /// new part.
    void limitLog() throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_BYTES) {
            Files.copy(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
            try (var file = new RandomAccessFile(log.toFile(), "rw")) {
                file.setLength(0);
            }
        }
    }

    private synchronized @Nullable Thread keeper() {
        return keeper;
    }

    private void keep() {
        var pause = FIRST_PAUSE;
        try {
            while (true) {
                var begun = System.nanoTime();
                var now = process;
                if (now == null || ended(now)) {
                    return;
                }
                ends++;
                if (System.nanoTime() - begun > WELL.toNanos()) {
                    pause = FIRST_PAUSE;
                }
                notices.accept(
                        name
                                + " ended unexpectedly (exit value "
                                + now.exitValue()
                                + "); starting it again. Its log: "
                                + log);
                if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                var next = pause.multipliedBy(2);
                pause = next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
                relaunch();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void relaunch() throws InterruptedException {
        while (true) {
            try {
                process = launch();
                changed.run();
                return;
            } catch (IOException e) {
                notices.accept(name + " cannot be started: " + e.getMessage());
            }
            if (stopping.await(LONGEST_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    /// Waits for the end of `now`; true when it is our doing.
    private boolean ended(Process now) throws InterruptedException {
        var end = now.onExit();
        while (!end.isDone()) {
            if (stopping.await(50, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return stopping.getCount() == 0;
    }

    private Process launch() throws IOException {
        limitLog();
        var all = new ArrayList<>(List.of("/bin/sh", "-c", ALONE, name));
        all.addAll(command.arguments());
        var builder =
                new ProcessBuilder(all)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        command.environment()
                .forEach((variable, value) -> {
                    if (value == null) {
                        builder.environment().remove(variable);
                    } else {
                        builder.environment().put(variable, value);
                    }
                });
        return builder.start();
    }
}
