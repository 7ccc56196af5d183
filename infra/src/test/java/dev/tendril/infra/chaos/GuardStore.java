package dev.tendril.infra.chaos;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/// What a scene does to the database itself.
final class GuardStore {
    private static final String EXPIRE =
            """
            update run set lease_until = now() - interval '1 s' where id = ? and state = 'running'
            """;

    private static final String CLEAR =
            """
            truncate stream cascade
            """;

    private final String jdbcUrl;

    GuardStore(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /// A lease is over, as far as the database's clock is concerned.
    void expire(long run) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement update = connection.prepareStatement(EXPIRE)) {
            update.setLong(1, run);
            update.executeUpdate();
        }
    }

    /// No chat is left.
    void clear() throws SQLException {
        run(CLEAR);
    }

    /// A statement that takes a guard out of the schema, or puts it back.
    void run(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement any = connection.createStatement()) {
            any.execute(statement);
        }
    }
}
