package dev.tendril.infra.house;

import static java.util.Objects.requireNonNull;

import dev.tendril.infra.ledger.LedgerStore;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.Child;
import dev.tendril.infra.stub.StubControl;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A whole Tendril of processes on this machine: PostgreSQL, a stub model, any number of relays
/// over the one database, any number of workers. Everything lives below one directory.
public final class House implements AutoCloseable {
    /// The workspace that a relay provisions.
    public static final String SITE = "home";

    private static final Duration READY = Duration.ofSeconds(60);

    private final Jars jars;
    private final Path directory;
    private final Database database;
    private final HttpClient http = Visitor.client();
    private final List<Actor> actors = new CopyOnWriteArrayList<>();

    private House(Jars jars, Path directory, Database database) {
        this.jars = jars;
        this.directory = directory;
        this.database = database;
    }

    /// Starts the database.
    ///
    /// @param directory made if absent
    public static House open(Jars jars, Path directory) throws IOException {
        Files.createDirectories(directory.resolve("logs"));
        return new House(jars, directory, Database.start(jars, directory.resolve("postgres")));
    }

    /// The database that all relays share.
    public Database database() {
        return database;
    }

    /// Looks for violations in it.
    public LedgerStore ledger() {
        return new LedgerStore(database.jdbcUrl());
    }

    /// An HTTP client as visitors should use it.
    public HttpClient http() {
        return http;
    }

    /// Starts another relay and waits until it is ready.
    public Relay relay(String name) throws IOException {
        return relay(name, Map.of());
    }

    /// The same with variables of its own, on top of what it needs.
    ///
    /// @param environment such as `TENDRIL_LEASE`
    public Relay relay(String name, Map<String, String> environment) throws IOException {
        var relay = new Relay(name, Ports.free(), environment);
        actors.add(relay);
        relay.start();
        return relay;
    }

    /// Starts a worker of its own that asks the model at `model`, or is the guide when that is
    /// empty.
    ///
    /// @param relay where it dials: a relay or a proxy before one
    public Worker worker(String name, URI relay, String... model) throws IOException {
        return worker(name, relay, Map.of(), model);
    }

    /// The same with variables of its own.
    public Worker worker(String name, URI relay, Map<String, String> environment, String... model)
            throws IOException {
        var worker = new Worker(name, relay, token(name), environment, List.of(model));
        actors.add(worker);
        worker.start();
        return worker;
    }

    /// Starts a stub model.
    ///
    /// @param settings as in [dev.tendril.infra.stub.StubPlan#with]
    public Stub stub(String... settings) throws IOException {
        var stub = new Stub(Ports.free(), List.of(settings));
        actors.add(stub);
        stub.start();
        return stub;
    }

    /// A visitor with a fresh session.
    public Visitor visitor(URI relay) throws IOException, InterruptedException {
        return Visitor.enter(http, relay, SITE, accessCode());
    }

    /// The access code that the relay provisioned.
    public String accessCode() throws IOException {
        return Files.readString(provision().resolve("access-code")).strip();
    }

    /// The worker token that the relay provisioned.
    public String workerToken() throws IOException {
        return Files.readString(provision().resolve("worker-token")).strip();
    }

    /// A worker token of its own, for a worker that is not a process of this house.
    public String newWorkerToken(String name) throws IOException {
        return Files.readString(created(name)).strip();
    }

    /// A file with a token: the provisioned one for the first worker, a new one for each other. A
    /// token is one worker's: it pins that worker's key, and drains with it.
    private Path token(String name) throws IOException {
        boolean first = actors.stream().noneMatch(Worker.class::isInstance);
        if (first) {
            return provision().resolve("worker-token");
        }
        return created(name);
    }

    private Path created(String name) throws IOException {
        Child child =
                Child.start(
                        "token",
                        jars.command(
                                "relay",
                                "token",
                                "create",
                                "--site",
                                SITE,
                                "--name",
                                name,
                                "--data-dir",
                                directory.resolve("relay").toString()),
                        Map.of(
                                "TENDRIL_DATABASE_URL",
                                database.url(),
                                "JDK_JAVA_OPTIONS",
                                "-XX:TieredStopAtLevel=1"),
                        directory,
                        directory.resolve(name + "-token.out"),
                        "");
        String token = child.awaitLine(READY, "a token", line -> line.startsWith("tnd_wk_"));
        Path file = directory.resolve(name + "-token");
        Files.writeString(file, token + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private Map<String, String> relayEnvironment() {
        return Map.of("TENDRIL_DATABASE_URL", database.url());
    }

    /// What relays and workers have written in all their lives.
    public String logs() throws IOException {
        var all = new StringBuilder();
        for (Actor actor : actors) {
            all.append(Files.readString(actor.log()));
        }
        return all.toString();
    }

    @Override
    public void close() {
        actors.reversed().forEach(Actor::end);
        database.close();
        http.shutdownNow();
    }

    private Path provision() {
        return directory.resolve("provision");
    }

    /// One process that may die and be started again.
    public abstract sealed class Actor {
        private final String name;
        private volatile @Nullable Child child;

        private Actor(String name) {
            this.name = name;
        }

        abstract List<String> command();

        abstract Map<String, String> environment();

        abstract void awaitReady();

        /// Starts it and waits until it is ready.
        public final void start() throws IOException {
            child = Child.start(name, command(), environment(), directory, log(), "");
            awaitReady();
        }

        /// Its life of now.
        public final Child process() {
            return requireNonNull(child, "not started");
        }

        /// The output of all its lives.
        final Path log() {
            return directory.resolve("logs").resolve(name + ".log");
        }

        private void end() {
            if (child != null) {
                child.close();
            }
        }
    }

    /// A relay over the house's database, always on the same port.
    public final class Relay extends Actor {
        private final String name;
        private final int port;
        private final Map<String, String> environment;

        private Relay(String name, int port, Map<String, String> environment) {
            super(name);
            this.name = name;
            this.port = port;
            this.environment = Map.copyOf(environment);
        }

        /// Where it listens.
        public URI url() {
            return URI.create("http://127.0.0.1:" + port);
        }

        @Override
        List<String> command() {
            return jars.command(
                    "relay",
                    "serve",
                    "--port",
                    Integer.toString(port),
                    "--data-dir",
                    directory.resolve("relay").toString(),
                    "--parent-pid",
                    Long.toString(ProcessHandle.current().pid()),
                    "--provision",
                    provision().toString());
        }

        @Override
        Map<String, String> environment() {
            var all = new HashMap<>(relayEnvironment());
            all.putAll(environment);
            return all;
        }

        @Override
        void awaitReady() {
            Await.until(READY, name + " to be ready", () -> status("/health/ready") == 200);
        }

        /// HTTP status of a `GET`; -1 when nothing answers.
        public int status(String path) throws InterruptedException {
            if (!process().alive()) {
                throw new AssertionError(name + " ended:\n" + process().output());
            }
            try {
                HttpRequest request =
                        HttpRequest.newBuilder(url().resolve(path))
                                .timeout(Duration.ofSeconds(2))
                                .build();
                return http.send(request, BodyHandlers.discarding()).statusCode();
            } catch (IOException _) {
                return -1;
            }
        }
    }

    /// A worker with a data directory of its own.
    public final class Worker extends Actor {
        private final String name;
        private final URI relay;
        private final Path token;
        private final Map<String, String> environment;
        private final List<String> model;

        private Worker(
                String name,
                URI relay,
                Path token,
                Map<String, String> environment,
                List<String> model) {
            super(name);
            this.name = name;
            this.relay = relay;
            this.token = token;
            this.environment = Map.copyOf(environment);
            this.model = model;
        }

        @Override
        List<String> command() {
            List<String> command =
                    jars.command(
                            "worker",
                            "run",
                            "--relay",
                            relay.toString(),
                            "--token-file",
                            token.toString(),
                            "--data-dir",
                            directory.resolve(name).toString(),
                            "--parent-pid",
                            Long.toString(ProcessHandle.current().pid()));
            command.addAll(model);
            return command;
        }

        @Override
        Map<String, String> environment() {
            return environment;
        }

        /// The relay's word: what matters is that it would be given work.
        @Override
        void awaitReady() {
            Await.until(
                    READY,
                    name + " to come online",
                    () -> {
                        if (!process().alive()) {
                            throw new AssertionError(name + " ended:\n" + process().output());
                        }
                        return online();
                    });
        }

        private boolean online() throws IOException, InterruptedException {
            HttpRequest request =
                    HttpRequest.newBuilder(relay.resolve("/api/v1/sites/" + SITE))
                            .timeout(Duration.ofSeconds(2))
                            .build();
            String site = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8)).body();
            return site.contains("\"online\":true");
        }
    }

    /// A stub model in a process of its own.
    public final class Stub extends Actor {
        private final List<String> settings;
        private final int port;

        private Stub(int port, List<String> settings) {
            super("stub");
            this.port = port;
            this.settings = settings;
        }

        /// Its controls.
        public StubControl control() {
            return new StubControl(http, URI.create("http://127.0.0.1:" + port));
        }

        /// Options of a worker that asks this model.
        public String[] workerOptions() {
            return new String[] {
                "--model-url", "http://127.0.0.1:" + port + "/v1", "--model", "stub"
            };
        }

        @Override
        List<String> command() {
            List<String> command = jars.command("infra", "stub", "--port", Integer.toString(port));
            command.addAll(settings);
            return command;
        }

        @Override
        Map<String, String> environment() {
            return Map.of();
        }

        @Override
        void awaitReady() {
            process().awaitLine(READY, "its address", line -> line.startsWith("{\"url\""));
        }
    }
}
