package dev.tendril.relay.cli;

import dev.tendril.service.health.SchemaStore;
import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresOptions;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A database, and the application over it; closes both. The schema is migrated when it opens.
///
/// Which database: the one that the environment names, else the one that a running `up` or `serve`
/// has noted in `database-url` in the data directory, else our own, started for as long as this
/// lives.
final class House implements AutoCloseable {

    private static final String ADDRESS_FILE = "database-url";
    private static final int LONGEST_REASON = 300;

    private final ApplicationContext context;
    private final @Nullable EmbeddedPostgres postgres;
    private final @Nullable Path noted;

    private House(
            ApplicationContext context, @Nullable EmbeddedPostgres postgres, @Nullable Path noted) {
        this.context = context;
        this.postgres = postgres;
        this.noted = noted;
    }

    /// For one command: nothing is served and nothing scheduled.
    ///
    /// @throws RelayFailure as [#open(Path, Map)]
    static House forCommand(Path dataDir) {
        return open(dataDir, Map.of(NoSchedule.PROPERTY, true));
    }

    /// Opens the database and the application.
    ///
    /// @param properties of the application, besides the database
    /// @throws RelayFailure the database cannot be reached, is not durable, or has a newer schema
    static House open(Path dataDir, Map<String, Object> properties) {
        makePrivate(dataDir);
        DatabaseAddress address = DatabaseAddress.of(System.getenv());
        EmbeddedPostgres own = null;
        Path noted = null;
        Path note = dataDir.resolve(ADDRESS_FILE);
        if (address == null && Files.exists(note)) {
            DatabaseAddress running =
                    DatabaseAddress.parse(DatabaseAddress.read(note), note.toString());
            address = answers(running) ? running : null;
        }
        if (address == null) {
            own = EmbeddedPostgres.start(PostgresOptions.at(dataDir.resolve("postgres")));
            address = DatabaseAddress.parse(own.url(), "our own database");
            noted = note;
            writePrivate(note, own.url() + "\n");
        }
        try {
            ApplicationContext context = context(dataDir, address, properties);
            String off = context.getBean(SchemaStore.class).durabilityOff();
            if (off != null) {
                context.close();
                throw new RelayFailure(
                        "This PostgreSQL would lose accepted messages in a crash: turn on "
                                + off
                                + ".");
            }
            return new House(context, own, noted);
        } catch (RuntimeException e) {
            if (own != null) {
                own.close();
            }
            throw explained(e);
        }
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
        if (postgres != null) {
            postgres.close();
        }
        if (noted != null) {
            noted.toFile().delete();
        }
    }

    /// Writes a file that only its owner can read, whole or not at all.
    static void writePrivate(Path file, String text) {
        try {
            Path draft =
                    Files.createTempFile(
                            file.toAbsolutePath().getParent(),
                            "." + file.getFileName(),
                            ".tmp",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, text);
            Files.move(draft, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RelayFailure("Cannot write " + file + ".", e);
        }
    }

    static void makePrivate(Path directory) {
        try {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new RelayFailure("Cannot make the directory " + directory + ".", e);
        }
    }

    private static ApplicationContext context(
            Path dataDir, DatabaseAddress address, Map<String, Object> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        // Migrations have a connection of their own: they may take longer than any call's
        // statement.
        all.put("datasources.default.url", address.jdbcUrl());
        all.put("flyway.datasources.default.url", address.jdbcUrl());
        if (address.user() != null) {
            all.put("datasources.default.username", address.user());
            all.put("flyway.datasources.default.user", address.user());
        }
        if (address.password() != null) {
            all.put("datasources.default.password", address.password());
            all.put("flyway.datasources.default.password", address.password());
        }
        all.put("tendril.data-dir", dataDir.toString());
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .banner(false)
                .properties(all)
                .start();
    }

    private static boolean answers(DatabaseAddress address) {
        try (var connection =
                address.user() == null
                        ? DriverManager.getConnection(address.jdbcUrl())
                        : DriverManager.getConnection(
                                address.jdbcUrl(), address.user(), address.password())) {
            return connection.isValid(2);
        } catch (SQLException _) {
            return false;
        }
    }

    /// The database's own words, without the stack of beans above them.
    private static RuntimeException explained(RuntimeException failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof RelayFailure known) {
                return known;
            }
            if (t instanceof SQLException e) {
                return new RelayFailure(
                        "The database cannot be used: " + oneLine(e.getMessage()) + ".", failure);
            }
            if (t.getClass().getName().startsWith("org.flywaydb.")) {
                return new RelayFailure(
                        "The database's schema does not fit this program (made by another version?): "
                                + oneLine(t.getMessage()),
                        failure);
            }
        }
        return failure;
    }

    private static String oneLine(@Nullable String text) {
        String line = text == null ? "no reason given" : text.strip().replaceAll("\\s+", " ");
        return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "…" : line;
    }
}
