package dev.tendril.service.auth;

import dev.tendril.service.database.Database;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Instant;

/// The database's clock.
@Singleton
final class ClockStore {

    private static final String NOW = "select clock_timestamp() as now";

    private final Database database;

    ClockStore(Database database) {
        this.database = database;
    }

    /// UTC, microsecond precision.
    Instant now() {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(NOW);
                    var rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("a select without a row");
                }
                return Tx.instant(rows, "now");
            }
        });
    }
}
