package dev.tendril.service.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// One root for the class: the first test starts cold, each later one warm.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class EmbeddedPostgresTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir static Path folder;
    private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();
    private @Nullable EmbeddedPostgres running;

    @AfterEach
    void stop() {
        if (running != null) {
            running.close();
        }
    }

    @Test
    @Order(1)
    void aColdStartMakesAPrivateDurableCluster() throws Exception {
        var postgres = start();
        for (var setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
            assertEquals("on", query(postgres, "show " + setting), setting);
        }
        assertEquals("127.0.0.1", query(postgres, "show listen_addresses"));
        assertEquals("UTF8", query(postgres, "show server_encoding"));
        assertEquals(
                "f", query(postgres, "select usesuper from pg_user where usename = current_user"));
        assertEquals("rwx------", mode(root()));
        assertEquals("rw-------", mode(root().resolve("cluster/password")));
        assertEquals("rw-------", mode(root().resolve("cluster/superuser-password")));
        assertThrows(
                SQLException.class,
                () ->
                        DriverManager.getConnection(postgres.jdbcUrl("tendril"), "tendril", "wrong")
                                .close(),
                "every connection needs the password");
    }

    @Test
    @Order(2)
    void aWarmStartKeepsRowsPortAndPassword() throws Exception {
        var first = start();
        execute(first, "create table kept (n int)", "insert into kept values (7)");
        var url = first.jdbcUrl();
        first.close();
        var second = start();
        assertEquals(url, second.jdbcUrl());
        assertEquals("7", query(second, "select n from kept"));
    }

    @Test
    @Order(3)
    void everyAcknowledgedRowSurvivesKillingTheServer() throws Exception {
        var postgres = start();
        execute(postgres, "create table acknowledged (n int)");
        var url = postgres.jdbcUrl();
        var before = postgres.pid();
        var acknowledged = insertUntilItBreaks(url, before);
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try (var connection = DriverManager.getConnection(url)) {
                var stored =
                        Integer.parseInt(query(connection, "select count(*) from acknowledged"));
                assertTrue(
                        stored == acknowledged || stored == acknowledged + 1,
                        stored + " stored, " + acknowledged + " acknowledged");
                break;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
        assertTrue(awaitNotice().contains("ended unexpectedly"));
        assertTrue(awaitNotice().contains("is back on port " + postgres.port()));
        assertNotEquals(before, postgres.pid());
        // And the watchdog still watches.
        killAll(postgres.pid());
        assertTrue(awaitNotice().contains("ended unexpectedly"));
        assertTrue(awaitNotice().contains("is back"));
    }

    @Test
    @Order(4)
    void aSecondStartIsRefusedWhileTheFirstLives() {
        start();
        var failure = assertThrows(PostgresFailure.class, () -> EmbeddedPostgres.start(root()));
        assertTrue(message(failure).contains("in use by another process"), message(failure));
        assertTrue(
                message(failure).contains(Long.toString(ProcessHandle.current().pid())),
                message(failure));
    }

    @Test
    @Order(5)
    void aPidFileOfSomebodyElseIsIgnored() throws Exception {
        start().close();
        var mine = Long.toString(ProcessHandle.current().pid());
        Files.writeString(
                data().resolve("postmaster.pid"),
                mine + "\n" + data() + "\n0\n5432\n\n127.0.0.1\n\nready\n");
        assertEquals("1", query(start(), "select 1"));
        assertTrue(ProcessHandle.current().isAlive());
    }

    @Test
    @Order(6)
    void aServerLeftBehindIsStoppedFirst() throws Exception {
        var postgres = start();
        postgres.close();
        // The server as a killed JVM leaves it: alive, its lock free.
        var home = PostgresBinaries.extract(root());
        var programs = PostgresPrograms.of(home, root());
        var orphan =
                programs.startServer(
                        root().resolve("postgres.log"),
                        List.of(
                                "-D",
                                data().toString(),
                                "-c",
                                "listen_addresses=127.0.0.1",
                                "-c",
                                "port=" + postgres.port(),
                                "-c",
                                "unix_socket_directories="));
        await(() -> PostmasterPid.read(data()).map(PostmasterPid::ready).orElse(false));
        var next = start();
        assertTrue(orphan.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "the orphan was stopped");
        assertEquals(postgres.port(), next.port());
        assertEquals("1", query(next, "select 1"));
    }

    @Test
    @Order(7)
    void aTakenPortIsLeftToItsOwner() throws Exception {
        var first = start();
        var port = first.port();
        first.close();
        try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var second = start();
            assertNotEquals(port, second.port());
            assertEquals("1", query(second, "select 1"));
        }
    }

    @Test
    @Order(8)
    void closingTwiceIsHarmlessAndLeavesNoServer() {
        var postgres = start();
        var pid = postgres.pid();
        postgres.close();
        postgres.close();
        assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        assertFalse(Files.exists(data().resolve("postmaster.pid")));
    }

    @Test
    @Order(9)
    void anotherMajorIsRefused() throws Exception {
        start().close();
        Files.writeString(data().resolve("PG_VERSION"), "17\n");
        try {
            var failure = assertThrows(PostgresFailure.class, () -> EmbeddedPostgres.start(root()));
            assertTrue(message(failure).contains("made by PostgreSQL 17"), message(failure));
        } finally {
            Files.writeString(data().resolve("PG_VERSION"), "18\n");
        }
        assertEquals("1", query(start(), "select 1"), "nothing was touched");
    }

    @Test
    void aFileInTheWayIsNamed() throws Exception {
        var file = Files.createFile(folder.resolve("file"));
        var failure = assertThrows(PostgresFailure.class, () -> EmbeddedPostgres.start(file));
        assertTrue(message(failure).contains(file.toString()), message(failure));
    }

    private EmbeddedPostgres start() {
        var postgres = EmbeddedPostgres.start(PostgresOptions.at(root()).withNotices(notices::add));
        running = postgres;
        return postgres;
    }

    private static Path root() {
        return folder.resolve("a b").resolve("postgres");
    }

    private static Path data() {
        return root().resolve("cluster/data");
    }

    /// How many inserts were acknowledged before the server was killed in the middle of them.
    private static int insertUntilItBreaks(String url, long server) throws Exception {
        var acknowledged = 0;
        try (var connection = DriverManager.getConnection(url);
                var insert = connection.prepareStatement("insert into acknowledged values (?)")) {
            while (acknowledged < 100_000) {
                if (acknowledged == 200) {
                    Thread.ofVirtual().start(() -> killAll(server));
                }
                insert.setInt(1, acknowledged);
                insert.executeUpdate();
                acknowledged++;
            }
        } catch (SQLException e) {
            return acknowledged;
        }
        return fail("the server was not killed");
    }

    private static void killAll(long server) {
        var process = ProcessHandle.of(server).orElseThrow();
        var backends = process.descendants().toList();
        process.destroyForcibly();
        backends.forEach(ProcessHandle::destroyForcibly);
    }

    private String awaitNotice() throws InterruptedException {
        var notice = notices.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        return notice == null ? "no notice" : notice;
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "in time");
            Thread.onSpinWait();
        }
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl())) {
            return query(connection, sql);
        }
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertTrue(rows.next(), "a row");
            return rows.getString(1);
        }
    }

    private static void execute(EmbeddedPostgres postgres, String... statements)
            throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
