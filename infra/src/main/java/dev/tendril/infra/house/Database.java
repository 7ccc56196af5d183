package dev.tendril.infra.house;

import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// PostgreSQL as a drill has it: durable, as in production, and mortal.
public final class Database implements AutoCloseable {
    private final EmbeddedPostgres postgres;

    private Database(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /// Starts one below `root`.
    public static Database start(Path root) {
        return new Database(EmbeddedPostgres.start(PostgresOptions.at(root).withNotices(_ -> {})));
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

    /// SIGKILL to all of its processes at once, as when memory runs out. It comes back by itself.
    ///
    /// @return how many processes died
    public int killAll() throws IOException, InterruptedException {
        return signalAll("KILL");
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
