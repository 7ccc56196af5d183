package dev.tendril.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Notices when a process is gone, so that no worker outlives the `up` that started it. Looks twice
/// a second: only a parent can wait for a process, and the worker is the child.
final class ParentWatch {
    private static final long LOOK_MS = 500;

    private ParentWatch() {}

    /// Calls back once, from a thread of its own.
    static void start(long pid, Runnable onGone) {
        Optional<Instant> born = started(pid);
        Thread.ofPlatform()
                .daemon()
                .name("parent-watch")
                .start(() -> {
                    try {
                        while (alive(pid, born)) {
                            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                        }
                        onGone.run();
                    } catch (InterruptedException e) {
                        // The process is ending anyway.
                    }
                });
    }

    private static Optional<Instant> started(long pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
    }

    /// A number that was given to another process counts as gone, and so does a dead process that
    /// nobody has waited for.
    private static boolean alive(long pid, Optional<Instant> born) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent()
                && started(pid).equals(born)
                && !zombie(pid);
    }

    private static boolean zombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 1).strip().startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }
}
