package dev.tendril.infra.house;

import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// PostgreSQL as a drill has it: durable, as in production, and mortal.
public final class Database implements AutoCloseable {
    private final Path root;
    private final Path programs;
    private volatile EmbeddedPostgres postgres;

    private Database(Path root, Path programs) {
        this.root = root;
        this.programs = programs;
        this.postgres = launch();
    }

    private EmbeddedPostgres launch() {
        return EmbeddedPostgres.start(
                PostgresOptions.at(root).withPrograms(programs).withNotices(_ -> {}));
    }

    /// Starts one below `root`, with the programs that all drills of the checkout share.
    public static Database start(Jars jars, Path root) {
        return new Database(root, jars.root().resolve("infra/target/postgres"));
    }

    /// As `TENDRIL_DATABASE_URL` takes it.
    public String url() {
        return postgres.url();
    }

    /// For a driver.
    public String jdbcUrl() {
        return postgres.jdbcUrl();
    }

    /// The relay's password, for those who look whether it leaked.
    public String password() {
        return postgres.password();
    }

    /// Where its files are.
    public Path dataDirectory() {
        return postgres.dataDirectory();
    }

    /// Stops it in order, lets `change` do something to its files, starts it again at the same
    /// address.
    public void restart(Change change) throws IOException {
        postgres.close();
        change.make(root);
        postgres = launch();
    }

    /// What is done to a database that stands still.
    public interface Change {
        /// @param root where all its files are
        void make(Path root) throws IOException;
    }

    /// SIGKILL to all of its processes at once, as when memory runs out. It comes back by itself.
    ///
    /// @return how many processes died
    public int killAll() throws IOException, InterruptedException {
        return signalAll("KILL");
    }

    /// For a driver, as the superuser: for what a drill does to the server, never for a relay.
    public String superuserJdbcUrl() {
        return postgres.jdbcUrl("tendril")
                + "?user=postgres&password="
                + postgres.superuserPassword();
    }

    /// The port that it listens on.
    public int port() {
        return postgres.port();
    }

    /// SIGSTOP to all of its processes: connections stay open and nothing answers, until
    /// [#resumeAll].
    public int pauseAll() throws IOException, InterruptedException {
        return signalAll("STOP");
    }

    /// SIGCONT to all of its processes.
    public int resumeAll() throws IOException, InterruptedException {
        return signalAll("CONT");
    }

    /// Immediate shutdown, as an impatient administrator does it. It comes back by itself.
    public void stopAtOnce() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(postgres.pid())).start().waitFor();
    }

    private int signalAll(String signal) throws IOException, InterruptedException {
        List<ProcessHandle> all = new ArrayList<>();
        ProcessHandle.of(postgres.pid())
                .ifPresent(server -> {
                    all.add(server);
                    server.descendants().forEach(all::add);
                });
        var command = new ArrayList<>(List.of("kill", "-" + signal));
        all.forEach(p -> command.add(Long.toString(p.pid())));
        new ProcessBuilder(command).start().waitFor();
        return all.size();
    }

    @Override
    public void close() {
        postgres.close();
    }
}
