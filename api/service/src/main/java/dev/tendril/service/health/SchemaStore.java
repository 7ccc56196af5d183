package dev.tendril.service.health;

import dev.tendril.service.database.Database;
import io.micronaut.data.connection.jdbc.advice.DelegatingDataSource;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Comparator;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;

/// What the database says of its schema and of its durability.
@Singleton
public final class SchemaStore {

    private static final String VERSION =
            """
            select version from flyway_schema_history
             where success and version is not null
             order by installed_rank desc
             limit 1
            """;

    private static final String OFF =
            """
            select string_agg(name, ', ' order by name)
              from pg_settings
             where name in ('fsync', 'full_page_writes', 'synchronous_commit')
               and setting = 'off'
            """;

    private final Database database;
    private final DataSource dataSource;

    private volatile @Nullable String expected;

    SchemaStore(Database database, DataSource dataSource) {
        this.database = database;
        this.dataSource = DelegatingDataSource.unwrapDataSource(dataSource);
    }

    /// The version of the last migration that this program brings along.
    String expected() {
        String known = expected;
        if (known == null) {
            known =
                    Arrays.stream(
                                    Flyway.configure()
                                            .dataSource(dataSource)
                                            .locations("classpath:db/migration")
                                            .load()
                                            .info()
                                            .all())
                            .filter(migration -> migration.getState().isResolved())
                            .map(MigrationInfo::getVersion)
                            .max(Comparator.naturalOrder())
                            .orElseThrow()
                            .getVersion();
            expected = known;
        }
        return known;
    }

    /// The schema's version, or null if it has none.
    @Nullable String version() {
        return first(VERSION);
    }

    /// Names of the durability settings that are off; null if all are on. With any of them off a
    /// crash loses accepted messages.
    public @Nullable String durabilityOff() {
        return first(OFF);
    }

    private @Nullable String first(String sql) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                statement.setQueryTimeout(2);
                try (var row = statement.executeQuery()) {
                    return row.next() ? row.getString(1) : null;
                }
            }
        });
    }
}
