package dev.tendril.service.database;

import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresFailure;
import dev.tendril.service.postgres.PostgresOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;

/// The PostgreSQL of this test JVM. The first use starts it and migrates the template.
///
/// Ours by default, from `target/postgres` (kept between runs, for a start in 0.3 s); with
/// `-Dtest.db=testcontainers` and a Docker that answers, a container.
final class TestServer {
    private static final String TEMPLATE = "tmpl";
    private static final int PARALLEL_JVMS = 16;

    private static final String OLD_DATABASES =
            "select datname from pg_database where datname = 'tmpl' or datname ~ '^t[0-9]+$'";

    private static final TestServer INSTANCE = start();

    private final Login superuser;
    private final Login role;
    private int databases;

    /// @param base the JDBC URL up to and with the slash before the database's name
    record Login(String base, String user, String password) {
        Connection connect(String database) throws SQLException {
            return DriverManager.getConnection(base + database, user, password);
        }
    }

    private TestServer(Login superuser, Login role) {
        this.superuser = superuser;
        this.role = role;
    }

    static TestServer instance() {
        return INSTANCE;
    }

    Login login() {
        return role;
    }

    /// The name of a new database with the whole schema and no rows.
    synchronized String createDatabase() {
        databases++;
        var name = "t" + databases;
        try {
            execute("create database " + name + " template " + TEMPLATE + " owner " + role.user());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return name;
    }

    private static TestServer start() {
        try {
            var server = ContainerServer.wanted() ? ContainerServer.start() : embedded();
            server.makeTemplate();
            return server;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static TestServer of(Login superuser, Login role) {
        return new TestServer(superuser, role);
    }

    private static TestServer embedded() {
        var postgres = startEmbedded();
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-test-postgres"));
        var base = postgres.jdbcUrl("");
        return of(
                new Login(base, "postgres", postgres.superuserPassword()),
                new Login(base, postgres.user(), postgres.password()));
    }

    private static EmbeddedPostgres startEmbedded() {
        for (var n = 1; ; n++) {
            var root = Path.of("target", n == 1 ? "postgres" : "postgres-" + n);
            try {
                return EmbeddedPostgres.start(PostgresOptions.at(root).volatileForTests());
            } catch (PostgresFailure e) {
                var inUse = String.valueOf(e.getMessage()).contains("in use by another process");
                if (!inUse || n == PARALLEL_JVMS) {
                    throw e;
                }
            }
        }
    }

    private void makeTemplate() throws SQLException {
        for (var old : oldDatabases()) {
            execute("drop database " + old + " with (force)");
        }
        execute("create database " + TEMPLATE + " owner " + role.user());
        Flyway.configure()
                .dataSource(role.base() + TEMPLATE, role.user(), role.password())
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

    private List<String> oldDatabases() throws SQLException {
        try (var connection = superuser.connect("postgres");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(OLD_DATABASES)) {
            var names = new ArrayList<String>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = superuser.connect("postgres");
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
