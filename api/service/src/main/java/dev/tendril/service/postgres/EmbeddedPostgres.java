package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL 18 of our own on a loopback port, alive until [#close].
///
/// Commits are durable (see [PostgresOptions]), every connection needs a password, and no other
/// user of the machine can read the files. When the server dies it is started again on the same
/// port, so a connection pool recovers by itself; only connections in use at that moment fail.
///
/// A cluster that was restored from a copy gets a new timeline, see [ClusterPlace].
///
/// Safe for use by many threads.
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int START_TRIES = 5;
    private static final long LOG_BYTES = 8L << 20;

    private final PostgresOptions options;
    private final Path root;
    private final Path data;
    private final RootLock lock;
    private final PostgresPrograms programs;
    private final String password;
    private final String superuserPassword;
    private final int port;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread watchdog;
    private volatile Process server;

    private EmbeddedPostgres(
            PostgresOptions options, RootLock lock, PostgresPrograms programs, Path cluster)
            throws IOException, InterruptedException {
        this.options = options;
        this.root = options.root();
        this.lock = lock;
        this.programs = programs;
        this.data = cluster.resolve("data");
        this.password = Files.readString(cluster.resolve("password")).strip();
        this.superuserPassword = Files.readString(cluster.resolve("superuser-password")).strip();
        stopLeftover();
        var place = new ClusterPlace(cluster);
        place.checkIn();
        var started = startOnAFreePort();
        place.settle();
        this.server = started.process();
        this.port = started.port();
        this.watchdog = Thread.ofPlatform().daemon().name("postgres-watchdog").start(this::watch);
    }

    /// Starts the server below `root`, durable; makes cluster and binaries when they are absent.
    ///
    /// @throws PostgresFailure when it cannot run, with the reason in one sentence
    public static EmbeddedPostgres start(Path root) {
        return start(PostgresOptions.at(root));
    }

    /// As [#start(Path)], by the given options.
    public static EmbeddedPostgres start(PostgresOptions options) {
        var root = options.root();
        @Nullable RootLock lock = null;
        try {
            lock = RootLock.take(root);
            var cluster = root.resolve("cluster");
            Cluster.requireSpace(
                    root, Files.isDirectory(cluster) ? LOG_BYTES : PostgresBinaries.COLD_BYTES);
            Cluster.requireMajor(cluster.resolve("data"));
            var programs = PostgresPrograms.of(PostgresBinaries.extract(options.programs()), root);
            rotateLog(root);
            if (!Files.isDirectory(cluster)) {
                Cluster.create(programs, root, options.durable());
            }
            return new EmbeddedPostgres(options, lock, programs, cluster);
        } catch (IOException e) {
            RootLock.release(lock);
            throw new PostgresFailure(explain(root, e), e);
        } catch (InterruptedException e) {
            RootLock.release(lock);
            Thread.currentThread().interrupt();
            throw new PostgresFailure("Interrupted while PostgreSQL was starting.", e);
        } catch (RuntimeException e) {
            RootLock.release(lock);
            throw e;
        }
    }

    /// For a driver: user and password are in the query.
    public String jdbcUrl() {
        return jdbcUrl(Cluster.DATABASE) + "?user=" + Cluster.ROLE + "&password=" + password;
    }

    /// Of any database of this server, without user and password.
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /// As `TENDRIL_DATABASE_URL` takes it: `postgres://user:password@host:port/database`.
    public String url() {
        return "postgres://"
                + Cluster.ROLE
                + ":"
                + password
                + "@127.0.0.1:"
                + port
                + "/"
                + Cluster.DATABASE;
    }

    /// The role that owns the database; it is no superuser.
    public String user() {
        return Cluster.ROLE;
    }

    public String password() {
        return password;
    }

    /// Of the role `postgres`; for tests and backups, never for the relay.
    public String superuserPassword() {
        return superuserPassword;
    }

    public int port() {
        return port;
    }

    /// The server's process id now; another one after a crash.
    public long pid() {
        return server.pid();
    }

    public Path dataDirectory() {
        return data;
    }

    /// Stops the server in order: open transactions are rolled back, clients disconnected.
    /// Idempotent.
    @Override
    public synchronized void close() {
        if (closing.getCount() == 0) {
            return;
        }
        closing.countDown();
        try {
            watchdog.join();
            stop("fast");
            if (!server.waitFor(1, TimeUnit.SECONDS)) {
                server.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            server.destroyForcibly();
        } catch (InterruptedException e) {
            server.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            RootLock.release(lock);
        }
    }

    private void watch() {
        var pause = Duration.ZERO;
        try {
            while (true) {
                var exit = server.onExit();
                while (!exit.isDone()) {
                    if (closing.await(POLL.toMillis() * 5, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
                options.notices()
                        .accept(
                                "PostgreSQL ended unexpectedly (exit value "
                                        + server.exitValue()
                                        + "); starting it again.");
                var started = false;
                while (!started) {
                    if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    pause = longer(pause);
                    started = restart();
                }
                pause = Duration.ZERO;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean restart() throws InterruptedException {
        try {
            stopLeftover();
            server = launch(port);
            options.notices().accept("PostgreSQL is back on port " + port + ".");
            return true;
        } catch (PostgresFailure e) {
            options.notices().accept(e.getMessage() == null ? e.toString() : e.getMessage());
            return false;
        } catch (IOException e) {
            options.notices().accept(explain(root, e));
            return false;
        }
    }

    private static Duration longer(Duration pause) {
        var next = pause.isZero() ? Duration.ofMillis(100) : pause.multipliedBy(2);
        return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    }

    private record Started(Process process, int port) {}

    private Started startOnAFreePort() throws IOException, InterruptedException {
        var ports = new LoopbackPorts(root.resolve("port"));
        for (var tries = 1; ; tries++) {
            var candidate = tries == 1 ? ports.preferred() : ports.free();
            try {
                var started = new Started(launch(candidate), candidate);
                ports.remember(candidate);
                return started;
            } catch (PostgresFailure e) {
                if (LoopbackPorts.isFree(candidate) || tries == START_TRIES) {
                    throw e;
                }
            }
        }
    }

    /// Returns when the server takes connections.
    private Process launch(int onPort) throws IOException, InterruptedException {
        var log = root.resolve("postgres.log");
        var process = programs.startServer(log, serverOptions(onPort));
        var deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            var written = PostmasterPid.read(data);
            if (written.isPresent()
                    && written.get().pid() == process.pid()
                    && written.get().ready()) {
                return process;
            }
            if (closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        if (process.isAlive()) {
            process.destroyForcibly().waitFor();
        }
        throw new PostgresFailure(
                "PostgreSQL did not start on port " + onPort + ": " + PostgresPrograms.tail(log));
    }

    private List<String> serverOptions(int onPort) {
        var settings =
                new ArrayList<>(
                        List.of(
                                "listen_addresses=127.0.0.1",
                                "port=" + onPort,
                                "unix_socket_directories=",
                                "max_connections=60",
                                "shared_buffers=32MB",
                                "io_method=sync",
                                "max_wal_size=256MB",
                                "timezone=UTC",
                                "log_timezone=UTC",
                                "log_checkpoints=off",
                                // Where a restored copy looks for more: nowhere; see ClusterPlace.
                                "restore_command=false"));
        var on = options.durable() ? "on" : "off";
        settings.add("fsync=" + on);
        settings.add("full_page_writes=" + on);
        settings.add("synchronous_commit=" + on);
        var command = new ArrayList<>(List.of("-D", data.toString()));
        for (var setting : settings) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }

    /// A server of an earlier life that still runs is stopped; a pid file that means another
    /// process, or none, is deleted, for the server would refuse to start over it.
    private void stopLeftover() throws IOException, InterruptedException {
        var written = PostmasterPid.read(data);
        if (written.isPresent() && written.get().serves(data)) {
            stop("fast");
            if (written.get().serves(data)) {
                stop("immediate");
            }
            if (written.get().serves(data)) {
                throw new PostgresFailure(
                        "PostgreSQL with process id "
                                + written.get().pid()
                                + " still runs on "
                                + data
                                + " and does not stop.");
            }
        }
        Files.deleteIfExists(data.resolve("postmaster.pid"));
    }

    private void stop(String mode) throws IOException, InterruptedException {
        programs.run(
                root.resolve("setup.log"),
                null,
                List.of("pg_ctl", "stop", "-D", data.toString(), "-m", mode, "-w", "-t", "30"));
    }

    private static void rotateLog(Path root) throws IOException {
        var log = root.resolve("postgres.log");
        if (Files.exists(log) && Files.size(log) > LOG_BYTES) {
            Files.move(log, root.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String explain(Path root, IOException e) {
        var message = String.valueOf(e.getMessage());
        if (message.contains("No space left")) {
            return "No space is left on the disk of " + root + ".";
        }
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "No permission to write in " + root + ".";
        }
        return "PostgreSQL cannot use " + root + ": " + message + ".";
    }
}
