package dev.tendril.infra.nginx;

import dev.tendril.infra.house.Ports;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.Child;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A real nginx with the project's own configuration, on a free loopback port, without root and
/// with all its files below one directory. Several of them do not meet.
public final class Nginx implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(10);
    private static final Pattern LISTENER = Pattern.compile("(?m)^    listen 80;$");
    private static final Pattern RELAY = Pattern.compile("server 127\\.0\\.0\\.1:808[12] ");

    private static final String MAIN =
            """
            daemon off;
            master_process on;
            worker_processes 2;
            worker_shutdown_timeout 2s;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log warn;
            events { worker_connections 4096; }
            http {
                access_log %1$s/access.log;
                client_body_temp_path %1$s/body;
                proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi;
                scgi_temp_path %1$s/scgi;
                include %1$s/tendril.conf;
            }
            """;

    private final Path directory;
    private final int port;
    private Child child;

    private Nginx(Path directory, int port, Child child) {
        this.directory = directory;
        this.port = port;
        this.child = child;
    }

    /// Starts one with the configuration of this checkout.
    ///
    /// @param root the checkout
    /// @param directory for its files, made if absent
    /// @param relays two, as the configuration has them
    public static Nginx start(Path root, Path directory, List<URI> relays) throws IOException {
        Files.createDirectories(directory);
        int port = Ports.free();
        Files.writeString(
                directory.resolve("tendril.conf"),
                filled(Files.readString(root.resolve("infra/nginx/tendril.conf")), port, relays));
        Files.writeString(directory.resolve("nginx.conf"), MAIN.formatted(directory));
        var nginx = new Nginx(directory, port, launch(directory));
        nginx.awaitReady();
        return nginx;
    }

    /// The configuration with other ports, and nothing else changed.
    ///
    /// @throws IllegalArgumentException if it has not the listener and relays that it should have
    static String filled(String configuration, int port, List<URI> relays) {
        Matcher listener = LISTENER.matcher(configuration);
        if (listener.results().count() != 1
                || RELAY.matcher(configuration).results().count() != relays.size()) {
            throw new IllegalArgumentException("one listener and as many relays as are given");
        }
        var next = relays.iterator();
        return RELAY.matcher(listener.reset().replaceAll("    listen 127.0.0.1:" + port + ";"))
                .replaceAll(_ -> "server 127.0.0.1:" + next.next().getPort() + " ");
    }

    /// Where it listens.
    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /// Reads its configuration anew: new workers take over, the old ones end within 2 s, with
    /// whatever stream they still have.
    public void reload() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-HUP", Long.toString(child.pid())).start().waitFor();
    }

    /// SIGKILL to master and workers.
    public void kill() throws IOException, InterruptedException {
        List<ProcessHandle> workers =
                ProcessHandle.of(child.pid()).stream().flatMap(ProcessHandle::descendants).toList();
        child.kill();
        workers.forEach(ProcessHandle::destroyForcibly);
        Await.until(READY, "nginx to be gone", () -> workers.stream().noneMatch(w -> w.isAlive()));
    }

    /// Starts it again on the same port.
    public void restart() throws IOException {
        child = launch(directory);
        awaitReady();
    }

    /// What it complained about.
    public String errors() throws IOException {
        return Files.readString(directory.resolve("error.log"));
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Child launch(Path directory) throws IOException {
        return Child.start(
                "nginx",
                List.of(
                        "nginx",
                        "-p",
                        directory.toString(),
                        "-c",
                        directory.resolve("nginx.conf").toString(),
                        "-e",
                        directory.resolve("error.log").toString()),
                Map.of(),
                directory,
                directory.resolve("nginx.log"),
                "");
    }

    private void awaitReady() {
        Await.until(
                READY,
                "nginx to listen",
                () -> {
                    if (!child.alive()) {
                        throw new AssertionError("nginx ended:\n" + child.output() + errors());
                    }
                    try (var socket = new Socket()) {
                        socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                        return true;
                    }
                });
    }
}
