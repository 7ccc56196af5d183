package dev.tendril.service.database;

import io.micronaut.data.exceptions.DataAccessException;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Transactions that are repeated after a deadlock or a serialization failure, and that announce
/// what they did only after the commit.
@Singleton
public final class Transactions {

    private static final int ATTEMPTS = 6;
    private static final Set<String> REPEAT = Set.of("40P01", "40001");

    private final Database database;

    Transactions(Database database) {
        this.database = database;
    }

    /// All of the work or none of it; then what it gave to [Tx#afterCommit]. The work may run up to
    /// six times, so it must have no effect outside the database. Must not be nested.
    public <T extends @Nullable Object> T write(Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                var done =
                        database.transaction(connection -> {
                            Tx tx = new Tx(connection);
                            T result = work.run(tx);
                            tx.finish();
                            return new Done<>(result, tx);
                        });
                done.tx().committed();
                return done.result();
            } catch (DataAccessException e) {
                if (attempt == ATTEMPTS || !REPEAT.contains(stateOf(e))) {
                    throw e;
                }
                LockSupport.parkNanos(
                        TimeUnit.MILLISECONDS.toNanos(
                                ThreadLocalRandom.current().nextLong(1, 5L * attempt + 1)));
            }
        }
    }

    /// Single statements that only read, each with a snapshot of its own.
    public <T extends @Nullable Object> T read(Work<T> work) {
        return database.statement(connection -> {
            Tx tx = new Tx(connection);
            T result = work.run(tx);
            tx.flush();
            return result;
        });
    }

    private static String stateOf(DataAccessException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    private record Done<T extends @Nullable Object>(T result, Tx tx) {}

    /// What is done with one connection.
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        /// Does the work.
        T run(Tx tx) throws SQLException;
    }
}
