package dev.tendril.infra.failure;

import dev.tendril.infra.house.House;
import java.sql.DriverManager;
import java.sql.SQLException;

/// Statements that a test sends to the database by itself, as the relay's own role.
final class Sql {
    private Sql() {}

    /// Executes statements, each in a transaction of its own, on one connection.
    static void run(House house, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(house.database().jdbcUrl());
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /// The first column of the only row.
    static long number(House house, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(house.database().jdbcUrl());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
