package dev.tendril.service.postgres;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How to run an embedded PostgreSQL.
///
/// @param root its directory, made when absent; nothing else may live there
/// @param programs where the server's programs are unpacked, by default in `root`; many servers may
///   share it
/// @param durable whether acknowledged commits survive a crash of the machine; `false` is for tests
/// @param notices told in one sentence about each event an operator may want to know, such as a
///   crash and the restart after it
public record PostgresOptions(Path root, Path programs, boolean durable, Consumer<String> notices) {
    public PostgresOptions {
        root = root.toAbsolutePath().normalize();
        programs = programs.toAbsolutePath().normalize();
    }

    /// Durable, with notices in the log.
    public static PostgresOptions at(Path root) {
        return new PostgresOptions(root, root, true, notice -> Log.LOG.warn(notice));
    }

    public PostgresOptions withNotices(Consumer<String> to) {
        return new PostgresOptions(root, programs, durable, to);
    }

    /// With the programs of another place, so that each need not unpack its own.
    public PostgresOptions withPrograms(Path in) {
        return new PostgresOptions(root, in, durable, notices);
    }

    /// Without `fsync`: survives a crash of PostgreSQL, not one of the machine. For tests alone.
    public PostgresOptions volatileForTests() {
        return new PostgresOptions(root, programs, false, notices);
    }

    /// Apart, so that whoever gives its own notices loads no logging.
    private static final class Log {
        static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    }
}
