package dev.tendril.service.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class PostgresSignalsTest extends SignalsConformance {

    private final Db db = new Db();

    @Override
    Signals replica() {
        return new PostgresSignals(db::connect);
    }

    @Override
    boolean crosses() {
        return true;
    }

    @Test
    void connectionsThatTheServerEndsAreOpenedAgain() throws Exception {
        try (Connection connection = db.connect();
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

    /// The conformance suite is the base class, so the database is a part.
    private static final class Db extends DatabaseTest {
        Connection connect() throws SQLException {
            return DriverManager.getConnection(jdbcUrl() + "&socketTimeout=15");
        }
    }
}
