package dev.tendril.infra.failure;

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

/// A `nats-server` on a free loopback port.
final class NatsServer implements AutoCloseable {
    private final Child child;
    private final int port;

    private NatsServer(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    static NatsServer start(Path directory) throws IOException {
        Files.createDirectories(directory);
        int port = Ports.free();
        Child child =
                Child.start(
                        "nats-server",
                        List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)),
                        Map.of(),
                        directory,
                        directory.resolve("nats.log"),
                        "");
        Await.until(
                Duration.ofSeconds(10),
                "nats-server to listen",
                () -> {
                    try (var socket = new Socket()) {
                        socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                        return true;
                    }
                });
        return new NatsServer(child, port);
    }

    /// As `TENDRIL_NATS_URL` takes it.
    URI url() {
        return URI.create("nats://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        child.close();
    }
}
