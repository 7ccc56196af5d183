package dev.tendril.service.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A connection within [Transactions]. Bound to its thread and to the work that it was handed to.
public final class Tx {

    private static final String FIXED_PLANS = "set local plan_cache_mode = force_generic_plan";
    private static final String COMMIT = "commit";

    private final Connection connection;
    private final List<Runnable> after = new ArrayList<>();
    private final List<Later> together = new ArrayList<>();

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
        int[] changed = new int[1];
        together.add(new Later(sql, arguments, result -> changed[0] = result.getUpdateCount()));
        send();
        return changed[0];
    }

    /// The first row, or null when there is none.
    public <T> @Nullable T first(String sql, Row<T> row, @Nullable Object... arguments)
            throws SQLException {
        List<T> rows = list(sql, row, arguments);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /// All rows.
    public <T> List<T> list(String sql, Row<T> row, @Nullable Object... arguments)
            throws SQLException {
        List<T> list = new ArrayList<>();
        together.add(new Later(sql, arguments, result -> rows(result, row, list)));
        send();
        return list;
    }

    /// A statement whose rows are of no use to those that follow: it waits, and goes to the server
    /// together with the next one that does not, else with the commit. It sees what those before it
    /// have done, and what others have committed until it begins.
    public void later(String sql, @Nullable Object... arguments) {
        together.add(new Later(sql, arguments, _ -> {}));
    }

    /// The same with rows.
    ///
    /// @param then is told the rows before the transaction's work returns or after it; must have no
    ///   effect outside this transaction's result
    public <T> void later(
            String sql, Row<T> row, Consumer<List<T>> then, @Nullable Object... arguments) {
        together.add(
                new Later(
                        sql,
                        arguments,
                        result -> {
                            List<T> list = new ArrayList<>();
                            rows(result, row, list);
                            then.accept(list);
                        }));
    }

    /// From here on each statement runs by the plan that holds for any argument. For those that
    /// take arrays: the planner overrates that plan and would make a new one each time, for longer
    /// than the statement takes.
    public void fixedPlans() {
        later(FIXED_PLANS);
    }

    /// Sends what waits, and the commit with it.
    void finish() throws SQLException {
        if (!together.isEmpty()) {
            later(COMMIT);
            send();
        }
    }

    /// Sends what waits, for those who need its rows.
    public void flush() throws SQLException {
        if (!together.isEmpty()) {
            send();
        }
    }

    /// One way there and back for all that waits. The server executes one after the other, each
    /// with a snapshot of its own, and none after one that failed.
    private void send() throws SQLException {
        List<Later> sent = List.copyOf(together);
        together.clear();
        String sql = sent.stream().map(Later::sql).collect(Collectors.joining(";\n"));
        List<@Nullable Object> arguments = new ArrayList<>();
        sent.forEach(one -> Collections.addAll(arguments, one.arguments));
        try (var statement = prepare(sql, arguments)) {
            statement.execute();
            for (Later one : sent) {
                one.result.take(statement);
                statement.getMoreResults();
            }
        }
    }

    private PreparedStatement prepare(String sql, List<@Nullable Object> arguments)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            int i = 0;
            for (Object argument : arguments) {
                i++;
                switch (argument) {
                    case String[] a -> statement.setArray(i, connection.createArrayOf("text", a));
                    case UUID[] a -> statement.setArray(i, connection.createArrayOf("uuid", a));
                    case Long[] a -> statement.setArray(i, connection.createArrayOf("int8", a));
                    case null, default -> statement.setObject(i, argument);
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

    private static <T> void rows(PreparedStatement statement, Row<T> row, List<T> list)
            throws SQLException {
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                list.add(row.of(rows));
            }
        }
    }

    private record Later(String sql, @Nullable Object[] arguments, Result result) {}

    /// Reads what stands in front.
    private interface Result {
        void take(PreparedStatement statement) throws SQLException;
    }

    /// Reads one row.
    @FunctionalInterface
    public interface Row<T> {
        /// Must not move the cursor.
        T of(ResultSet row) throws SQLException;
    }
}
