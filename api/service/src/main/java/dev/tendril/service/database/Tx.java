package dev.tendril.service.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A connection within [Transactions]. Bound to its thread and to the work that it was handed to.
public final class Tx {

    private final Connection connection;
    private final List<Runnable> after = new ArrayList<>();

    Tx(Connection connection) {
        this.connection = connection;
    }

    /// Runs once the transaction is durable, in the order of the calls; not at all if it rolls
    /// back.
    public void afterCommit(Runnable action) {
        after.add(action);
    }

    void committed() {
        after.forEach(Runnable::run);
    }

    /// Executes a statement that returns no rows.
    ///
    /// @param arguments UUID, number, text, boolean, `String[]`, `UUID[]`, `Long[]` or null
    /// @return rows changed
    public int update(String sql, @Nullable Object... arguments) throws SQLException {
        try (var statement = prepare(sql, arguments)) {
            return statement.executeUpdate();
        }
    }

    /// The first row, or null when there is none.
    public <T> @Nullable T first(String sql, Row<T> row, @Nullable Object... arguments)
            throws SQLException {
        try (var statement = prepare(sql, arguments);
                var rows = statement.executeQuery()) {
            return rows.next() ? row.of(rows) : null;
        }
    }

    /// All rows.
    public <T> List<T> list(String sql, Row<T> row, @Nullable Object... arguments)
            throws SQLException {
        try (var statement = prepare(sql, arguments);
                var rows = statement.executeQuery()) {
            List<T> list = new ArrayList<>();
            while (rows.next()) {
                list.add(row.of(rows));
            }
            return list;
        }
    }

    private PreparedStatement prepare(String sql, @Nullable Object... arguments)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < arguments.length; i++) {
                Object argument = arguments[i];
                switch (argument) {
                    case String[] a ->
                            statement.setArray(i + 1, connection.createArrayOf("text", a));
                    case UUID[] a -> statement.setArray(i + 1, connection.createArrayOf("uuid", a));
                    case Long[] a -> statement.setArray(i + 1, connection.createArrayOf("int8", a));
                    case null, default -> statement.setObject(i + 1, argument);
                }
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    /// A `timestamptz` column.
    public static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /// A `uuid` column that is not null.
    public static UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    /// A `bigint` column that may be null.
    public static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /// Reads one row.
    @FunctionalInterface
    public interface Row<T> {
        /// Must not move the cursor.
        T of(ResultSet row) throws SQLException;
    }
}
