package dev.tendril.relay.up;

import dev.tendril.service.postgres.EmbeddedPostgres;
import dev.tendril.service.postgres.PostgresOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Brings database, relay and worker up in order, keeps them up, and takes them down back to front.
final class Supervisor {
    private static final String SITE = "home";
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(15);

    /// Writing a start-up cache at the end takes a few seconds, on a busy machine many.
    private static final Duration TRAINING_GRACE = Duration.ofSeconds(90);

    private static final Duration POLL = Duration.ofMillis(25);
    private static final Duration LOG_CHECK = Duration.ofMinutes(1);
    private static final int HOPELESS = 5;

    /// As `tendril relay` and `tendril worker` run too: one collector thread, small headers.
    private static final List<String> JVM =
            List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx256m", "-Xss512k");

    private static final String RELAY_JAR = "tendril.relay.jar";
    private static final String WORKER_JAR = "tendril.worker.jar";

    private static final List<String> MODEL_VARIABLES =
            List.of(
                    "TENDRIL_MODEL_URL",
                    "TENDRIL_MODEL",
                    "TENDRIL_MODEL_KEY",
                    "TENDRIL_MODEL_KEY_FILE");

    private static final List<String> DATABASE_VARIABLES =
            List.of("TENDRIL_DATABASE_URL", "TENDRIL_DATABASE_URL_FILE");

    private final Up options;
    private final Console console;
    private final Map<String, String> environment = System.getenv();
    private final long begun = System.nanoTime();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Object lifecycle = new Object();

    private volatile @Nullable DataDirectory directory;
    private volatile @Nullable EmbeddedPostgres postgres;
    private volatile @Nullable Child relay;
    private volatile @Nullable Child worker;
    private volatile @Nullable Ready ready;

    Supervisor(Up options, Console console) {
        this.options = options;
        this.console = console;
    }

    /// Returns only by an exception; a signal ends the process, and its hook takes everything down.
    void run() throws InterruptedException {
        var hook = new Thread(this::stopAll, "stop-all");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            start();
            if (options.train) {
                Training.visit(ready);
                stopAll();
                StartupCache.keep(jar(RELAY_JAR), jar(WORKER_JAR));
                return;
            }
            while (!stopping.await(LOG_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
                limitLogs();
            }
            hook.join();
        } catch (IOException e) {
            throw new UpFailure("Tendril cannot start: " + DataDirectory.reason(e) + ".");
        } finally {
            stopAll();
        }
    }

    private void start() throws IOException, InterruptedException {
        var model = ModelChoice.choose(options, environment, Readiness::get);
        var root = options.dataDir != null ? options.dataDir : DataDirectory.usual(environment);
        var home = DataDirectory.open(root.toAbsolutePath().normalize());
        var port = options.port == 0 ? freePort() : free(options.port);
        var url = "http://127.0.0.1:" + port;
        lap("data directory and port");

        synchronized (lifecycle) {
            directory = home;
            if (stopping.getCount() == 0) {
                return;
            }
            if (ownDatabase()) {
                postgres =
                        EmbeddedPostgres.start(
                                PostgresOptions.at(home.postgres())
                                        .withNotices(this::noticeOfDatabase));
                lap("PostgreSQL");
            }
        }
        var relayChild = child("relay", home, relayCommand(home, port, postgres));
        var workerChild = child("worker", home, workerCommand(home, url, model));
        synchronized (lifecycle) {
            relay = relayChild;
            worker = workerChild;
        }
        relayChild.start();
        var token = home.provision().resolve("worker-token");
        await(relayChild, () -> Files.exists(token) || Readiness.relayReady(url));
        lap("relay's worker token");
        workerChild.start();
        await(relayChild, () -> Readiness.relayReady(url));
        lap("relay ready");
        await(workerChild, () -> Readiness.site(url, SITE).online());
        lap("worker online");
        announce(home, url, model);
    }

    /// After a restart the database has another process id.
    private void noticeOfDatabase(String sentence) {
        console.notice(sentence);
        if (ready != null) {
            writeState();
        }
    }

    /// Training never touches a database that somebody has named.
    private boolean ownDatabase() {
        return options.train
                || DATABASE_VARIABLES.stream()
                        .allMatch(name -> environment.getOrDefault(name, "").isBlank());
    }

    private void announce(DataDirectory home, String url, ModelChoice choice) throws IOException {
        var announced = Readiness.site(url, SITE).model();
        var name =
                announced != null
                        ? announced
                        : choice.name() == null ? ModelChoice.GUIDE : choice.name();
        var code = Files.readString(home.provision().resolve("access-code")).strip();
        var now = new Ready(url, SITE, code, home.root(), name, pids());
        ready = now;
        writeState();
        if (options.train) {
            return;
        }
        console.ready(now.json(), box(now, choice));
        lap("box");
        if (!options.noBrowser) {
            console.open(now.page(), environment);
        }
    }

    private static List<Console.Line> box(Ready now, ModelChoice choice) {
        var lines = new ArrayList<Console.Line>();
        lines.add(new Console.Line("Chat", now.page()));
        lines.add(new Console.Line("Code", now.accessCode()));
        lines.add(new Console.Line("Model", now.model() + " (" + choice.says() + ")"));
        if (choice.url() == null) {
            lines.add(
                    new Console.Line(
                            "", "plug one in: ./tendril up --model-url http://127.0.0.1:11434/v1"));
        }
        lines.add(new Console.Line("Data", now.dataDir().toString()));
        lines.add(new Console.Line("Logs", now.dataDir().resolve("logs").toString()));
        lines.add(new Console.Line("Stop", "Ctrl-C"));
        return lines;
    }

    private Child child(String name, DataDirectory home, Child.Command command) {
        return new Child(
                name,
                command,
                home.logs().resolve(name + ".log"),
                console::notice,
                this::writeState);
    }

    private Child.Command relayCommand(
            DataDirectory home, int port, @Nullable EmbeddedPostgres postgres) throws IOException {
        var arguments = java(RELAY_JAR);
        arguments.addAll(
                List.of(
                        "serve",
                        "--port",
                        Integer.toString(port),
                        "--data-dir",
                        home.root().toString(),
                        "--parent-pid",
                        Long.toString(ProcessHandle.current().pid()),
                        "--provision",
                        home.provision().toString()));
        var variables = without(MODEL_VARIABLES);
        if (postgres != null) {
            variables.putAll(without(DATABASE_VARIABLES));
            // A file and not a variable: the environment of a process is easier to see.
            var file = home.writeSecret(DataDirectory.DATABASE_URL, postgres.url());
            variables.put("TENDRIL_DATABASE_URL_FILE", file.toString());
        }
        return new Child.Command(arguments, variables);
    }

    private Child.Command workerCommand(DataDirectory home, String url, ModelChoice model) {
        var arguments = java(WORKER_JAR);
        arguments.addAll(
                List.of(
                        "run",
                        "--relay",
                        url,
                        "--token-file",
                        home.provision().resolve("worker-token").toString(),
                        "--data-dir",
                        home.worker().toString(),
                        "--parent-pid",
                        Long.toString(ProcessHandle.current().pid())));
        arguments.addAll(model.workerOptions());
        var variables = without(DATABASE_VARIABLES);
        if (model.url() == null) {
            variables.putAll(without(MODEL_VARIABLES));
        }
        return new Child.Command(arguments, variables);
    }

    private static Map<String, @Nullable String> without(List<String> names) {
        var removed = new HashMap<String, @Nullable String>();
        names.forEach(name -> removed.put(name, null));
        return removed;
    }

    private List<String> java(String jarProperty) {
        var jar = jar(jarProperty);
        var arguments = new ArrayList<String>();
        arguments.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        arguments.addAll(JVM);
        arguments.addAll(options.train ? StartupCache.writing(jar) : StartupCache.reading(jar));
        arguments.addAll(List.of("-jar", jar.toString()));
        return arguments;
    }

    private static Path jar(String property) {
        @Nullable String jar = System.getProperty(property);
        if (jar == null || !Files.isRegularFile(Path.of(jar))) {
            throw new UpFailure("The program " + jar + " is missing; start me by ./tendril up.");
        }
        return Path.of(jar);
    }

    private interface Condition {
        boolean holds();
    }

    private void await(Child child, Condition condition) throws InterruptedException {
        while (!condition.holds()) {
            if (stopping.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new InterruptedException("stopped while starting");
            }
            if (child.ends() >= HOPELESS) {
                throw new UpFailure(
                        "A part of Tendril does not start: "
                                + lastLine(child.log())
                                + " (log: "
                                + child.log()
                                + ")");
            }
            if (System.nanoTime() - begun > READY_LIMIT.toNanos()) {
                throw new UpFailure(
                        "Tendril was not ready after "
                                + READY_LIMIT.toSeconds()
                                + " s; see "
                                + child.log()
                                + ".");
            }
        }
    }

    private static String lastLine(Path log) {
        try {
            var lines = Files.readString(log, StandardCharsets.ISO_8859_1).strip().lines().toList();
            var last = lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
            var message = last.startsWith("{") ? Json.strings(last, "message") : List.<String>of();
            return message.isEmpty() ? last : message.getFirst();
        } catch (IOException e) {
            return "no log";
        }
    }

    /// Takes no lock: a child's keeper asks while [#stopAll] waits for that keeper.
    private Ready.Pids pids() {
        var database = postgres;
        return new Ready.Pids(
                ProcessHandle.current().pid(),
                pid(relay),
                pid(worker),
                database == null ? 0 : database.pid());
    }

    private static long pid(@Nullable Child child) {
        return child == null ? 0 : child.pid();
    }

    /// So that tools and the next `up` know the processes of now.
    private void writeState() {
        var home = directory;
        var last = ready;
        if (home == null) {
            return;
        }
        var now =
                last == null
                        ? new Ready("", SITE, "", home.root(), "", pids())
                        : new Ready(
                                last.url(),
                                last.site(),
                                last.accessCode(),
                                last.dataDir(),
                                last.model(),
                                pids());
        try {
            home.writeSecret(home.state().getFileName().toString(), now.json());
        } catch (IOException e) {
            console.notice("cannot write " + home.state() + ": " + DataDirectory.reason(e));
        }
    }

    private void limitLogs() {
        try {
            for (var child : new @Nullable Child[] {relay, worker}) {
                if (child != null) {
                    child.limitLog();
                }
            }
        } catch (IOException e) {
            console.notice("cannot cut a log: " + DataDirectory.reason(e));
        }
    }

    /// Worker first, so that it can hand back what it holds; then the relay; the database last.
    private void stopAll() {
        var first = stopping.getCount() > 0;
        stopping.countDown();
        synchronized (lifecycle) {
            if (first && ready != null && !options.train) {
                console.notice("stopping …");
            }
            stop(worker);
            stop(relay);
            var database = postgres;
            if (database != null) {
                database.close();
            }
            var home = directory;
            if (home != null) {
                home.close();
                directory = null;
                if (ready != null && !options.train) {
                    console.notice("stopped.");
                }
            }
        }
    }

    private void stop(@Nullable Child child) {
        try {
            if (child != null) {
                child.stop(options.train ? TRAINING_GRACE : GRACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lap(String what) {
        if (options.timing) {
            var millis = (System.nanoTime() - begun) / 1_000_000;
            console.notice("%6d ms  %s".formatted(millis, what));
        }
    }

    private static int free(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return port;
        } catch (BindException e) {
            var denied = String.valueOf(e.getMessage()).contains("Permission");
            throw new UpFailure(
                    "Port "
                            + port
                            + (denied
                                    ? " is not allowed to this user"
                                    : " is taken by another program")
                            + "; choose one with --port, or --port 0 for a free one.");
        } catch (IOException e) {
            throw new UpFailure("Port " + port + " cannot be used: " + e.getMessage() + ".");
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            return socket.getLocalPort();
        }
    }
}
