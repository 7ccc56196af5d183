package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// What `postmaster.pid` in a data directory says about the server that wrote it.
///
/// @param pid its process id; after a crash any process may have that number
/// @param ready whether it takes connections
record PostmasterPid(long pid, boolean ready) {
    private static final int STATUS_LINE = 7;

    /// Empty when there is no file, or when it is being written.
    static Optional<PostmasterPid> read(Path data) throws IOException {
        try {
            var lines = Files.readAllLines(data.resolve("postmaster.pid"));
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            var ready =
                    lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
            return Optional.of(new PostmasterPid(Long.parseLong(lines.getFirst().strip()), ready));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// Whether that process is a living PostgreSQL on `data`. Containers reuse small process ids,
    /// and another server on this machine must not be taken for ours.
    boolean serves(Path data) {
        var process = ProcessHandle.of(pid);
        if (process.isEmpty() || !process.get().isAlive() || isZombie()) {
            return false;
        }
        var proc = Path.of("/proc", Long.toString(pid));
        try {
            // A server changes into its data directory.
            return Files.readSymbolicLink(proc.resolve("cwd")).equals(data.toRealPath());
        } catch (IOException e) {
            return process.get()
                    .info()
                    .command()
                    .map(command -> Path.of(command).endsWith("postgres"))
                    .orElse(false);
        }
    }

    private boolean isZombie() {
        try {
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false;
        }
    }
}
