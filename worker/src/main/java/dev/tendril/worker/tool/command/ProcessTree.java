package dev.tendril.worker.tool.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Ends a program with everything that it started.
///
/// @param process the leader of its own session and process group
/// @param mark `NAME=value` that stands in the environment of the program and its descendants
record ProcessTree(Process process, String mark) {
    private static final Duration POLITE = Duration.ofSeconds(2);

    /// TERM to the group, then after 2 s KILL to whatever is left of it and of its descendants.
    void end() {
        boolean interrupted = Thread.interrupted();
        try {
            if (process.isAlive()) {
                signal("TERM");
                interrupted |= !await(POLITE);
            }
            killRest();
            interrupted |= !await(POLITE);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// After the program ended by itself: nothing may stay in the background.
    void killRest() {
        List<ProcessHandle> descendants = process.descendants().toList();
        signal("KILL");
        descendants.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        // A process may start another one while it is looked for: until none is found, ten times.
        for (int i = 0; i < 10; i++) {
            List<ProcessHandle> marked = marked();
            if (marked.isEmpty()) {
                return;
            }
            marked.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private boolean await(Duration time) {
        try {
            process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// Java cannot signal a group. The group outlives its leader as long as it has members, and its
    /// number is not given out again before.
    private void signal(String name) {
        try {
            Process kill =
                    new ProcessBuilder("/bin/kill", "-" + name, "--", "-" + process.pid())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            kill.waitFor(1, TimeUnit.SECONDS);
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<ProcessHandle> marked() {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path folder : processes) {
                if (carriesMark(folder)) {
                    long pid = Long.parseLong(String.valueOf(folder.getFileName()));
                    ProcessHandle.of(pid).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            // No /proc: the group and the descendants are what can be ended here.
        }
        return found;
    }

    private boolean carriesMark(Path folder) {
        try {
            byte[] environment = Files.readAllBytes(folder.resolve("environ"));
            String text = new String(environment, StandardCharsets.ISO_8859_1);
            return ("\0" + text).contains("\0" + mark + "\0");
        } catch (IOException e) {
            return false;
        }
    }
}
