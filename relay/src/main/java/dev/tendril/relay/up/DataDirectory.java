package dev.tendril.relay.up;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Where `up` keeps everything; private to its user (0700), and one supervisor's at a time.
///
/// ```
/// lock          held by the supervisor
/// up.json       what `--json` prints, with the process ids of now; absent when it does not run
/// database-url  0600, of the running database; absent when it does not run
/// postgres/     see dev.tendril.service.postgres
/// provision/    access-code and worker-token, written by the relay, 0600
/// worker/       the worker's own
/// logs/         relay.log, worker.log
/// ```
final class DataDirectory implements AutoCloseable {
    /// Also read by `tendril relay code` and the like, to find the running database.
    static final String DATABASE_URL = "database-url";

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Path root;
    private final FileChannel lock;

    private DataDirectory(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /// `$XDG_DATA_HOME/tendril` when that variable is set, else `~/.tendril`.
    static Path usual(Map<String, String> environment) {
        var data = environment.get("XDG_DATA_HOME");
        if (data != null && data.startsWith("/")) {
            return Path.of(data, "tendril");
        }
        var home = environment.get("HOME");
        return Path.of(
                        home != null && home.startsWith("/")
                                ? home
                                : System.getProperty("user.home"))
                .resolve(".tendril");
    }

    /// Takes the lock, and ends the relay and worker of a supervisor that was killed.
    static DataDirectory open(Path root) throws InterruptedException {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            var lock =
                    FileChannel.open(
                            root.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                var holder = Files.readString(root.resolve("lock")).strip();
                lock.close();
                throw new UpFailure(
                        "Tendril already runs on "
                                + root
                                + " (process "
                                + holder
                                + "); stop it first, or name another --data-dir.");
            }
            lock.truncate(0);
            var pid = ProcessHandle.current().pid() + "\n";
            lock.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            var directory = new DataDirectory(root, lock);
            Files.createDirectories(directory.logs());
            Files.createDirectories(directory.worker());
            Files.createDirectories(directory.provision());
            directory.endLeftovers();
            return directory;
        } catch (FileAlreadyExistsException e) {
            throw new UpFailure(e.getFile() + " is in the way: it is no folder.");
        } catch (IOException e) {
            throw new UpFailure("Tendril cannot use " + root + ": " + reason(e) + ".");
        }
    }

    Path root() {
        return root;
    }

    Path postgres() {
        return root.resolve("postgres");
    }

    Path provision() {
        return root.resolve("provision");
    }

    Path worker() {
        return root.resolve("worker");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path state() {
        return root.resolve("up.json");
    }

    /// Writes a file that only its owner may read, whole or not at all.
    Path writeSecret(String name, String content) throws IOException {
        var file = root.resolve(name);
        var partial = root.resolve(name + ".partial");
        Files.deleteIfExists(partial);
        Files.createFile(
                partial,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(partial, content + "\n");
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        return file;
    }

    /// Called when all children have ended.
    @Override
    public void close() {
        try {
            Files.deleteIfExists(state());
            Files.deleteIfExists(root.resolve(DATABASE_URL));
            lock.close();
        } catch (IOException e) {
            // The lock ends with the process at the latest; a stale state file is recognised.
        }
    }

    private void endLeftovers() throws IOException, InterruptedException {
        if (!Files.exists(state())) {
            return;
        }
        var last = Files.readString(state());
        for (var field : List.of("worker", "relay")) {
            for (var pid : Json.strings(last, field)) {
                end(pid);
            }
        }
        Files.delete(state());
    }

    private void end(String pid) throws InterruptedException {
        var process = pid.matches("[0-9]{1,9}") ? ProcessHandle.of(Long.parseLong(pid)) : null;
        if (process == null || process.isEmpty() || !isOurs(process.get())) {
            return;
        }
        process.get().destroy();
        try {
            process.get().onExit().get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.get().destroyForcibly();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Process ids are used again: only one whose command line names this directory is ours.
    private boolean isOurs(ProcessHandle process) {
        try {
            var line =
                    Files.readString(
                            Path.of("/proc", Long.toString(process.pid()), "cmdline"),
                            StandardCharsets.ISO_8859_1);
            return line.contains(root.toString());
        } catch (IOException e) {
            @Nullable String line = process.info().commandLine().orElse(null);
            return line != null && line.contains(root.toString());
        }
    }

    static String reason(IOException e) {
        var message = String.valueOf(e.getMessage());
        if (message.contains("No space left")) {
            return "the disk is full";
        }
        return e instanceof java.nio.file.AccessDeniedException
                ? "no permission (" + message + ")"
                : message;
    }
}
