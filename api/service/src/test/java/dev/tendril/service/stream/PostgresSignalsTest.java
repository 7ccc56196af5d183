package dev.tendril.service.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PostgresSignalsTest extends DatabaseTest {

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl() + "&socketTimeout=15");
    }

    @Nested
    class Conformance extends SignalsConformance {

        @Override
        Signals replica() {
            return new PostgresSignals(PostgresSignalsTest.this::connect);
        }

        @Override
        boolean crosses() {
            return true;
        }

        @Test
        void connectionsThatTheServerEndsAreOpenedAgain() throws Exception {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                assertTrue(
                        statement
                                .executeQuery(
                                        """
                                        select count(pg_terminate_backend(pid)) from pg_stat_activity
                                         where pid <> pg_backend_pid() and datname = current_database()
                                        """)
                                .next());
            }
            awaitLink();
        }
    }
}
