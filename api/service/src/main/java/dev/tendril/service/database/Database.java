package dev.tendril.service.database;

import io.micronaut.data.connection.ConnectionDefinition;
import io.micronaut.data.connection.ConnectionOperations;
import io.micronaut.data.exceptions.DataAccessException;
import io.micronaut.transaction.TransactionOperations;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Runs a store's SQL on a pooled connection. Work that is started inside other work joins its
/// connection and transaction, so that nesting never waits for a second connection.
///
/// Every failure is a [DataAccessException] with the [SQLException] as its cause.
@Singleton
public final class Database {

    private final ConnectionOperations<Connection> connections;
    private final TransactionOperations<Connection> transactions;

    Database(
            ConnectionOperations<Connection> connections,
            TransactionOperations<Connection> transactions) {
        this.connections = connections;
        this.transactions = transactions;
    }

    /// Single statements, each of them its own transaction.
    public <T extends @Nullable Object> T statement(SqlWork<T> work) {
        return connections.execute(
                ConnectionDefinition.DEFAULT, status -> run(work, status.getConnection()));
    }

    /// All of the work or none of it. An exception, of any kind, rolls back.
    public <T extends @Nullable Object> T transaction(SqlWork<T> work) {
        return transactions.executeWrite(status -> run(work, status.getConnection()));
    }

    private static <T extends @Nullable Object> T run(SqlWork<T> work, Connection connection) {
        try {
            return work.run(connection);
        } catch (SQLException e) {
            throw new DataAccessException(e.getSQLState() + ": " + e.getMessage(), e);
        }
    }

    /// What a store does with a connection. It neither keeps nor closes it.
    @FunctionalInterface
    public interface SqlWork<T extends @Nullable Object> {
        /// Does the work.
        T run(Connection connection) throws SQLException;
    }
}
