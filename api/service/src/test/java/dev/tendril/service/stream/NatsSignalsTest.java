package dev.tendril.service.stream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real `nats-server`, which `./tendril test` installs.
@NeedsNats
class NatsSignalsTest extends SignalsConformance {

    @TempDir private static Path directory;

    private static int port;
    private static Process server;

    private final String subject = "tendril." + UUID.randomUUID();

    @BeforeAll
    static void startServer() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = server();
    }

    private static Process server() throws IOException {
        return new ProcessBuilder(
                        List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("nats.log").toFile())
                .start();
    }

    @AfterAll
    static void stopServer() {
        server.destroy();
    }

    @Override
    Signals replica() {
        return new NatsSignals("nats://127.0.0.1:" + port, subject);
    }

    @Override
    boolean crosses() {
        return true;
    }

    @Test
    void aServerThatDiesIsFoundAgain() throws Exception {
        server.destroyForcibly();
        server.waitFor(10, TimeUnit.SECONDS);
        server = server();
        awaitLink();
    }
}
