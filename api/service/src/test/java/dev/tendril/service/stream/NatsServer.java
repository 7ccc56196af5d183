package dev.tendril.service.stream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A real `nats-server` on a port of its own, which can be killed and come back.
public final class NatsServer implements AutoCloseable {

    private final Path log;
    private final int port;
    private Process process;

    /// @param directory for its log
    public NatsServer(Path directory) throws IOException {
        this.log = directory.resolve("nats.log");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        this.process = start();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /// Whether there is one on the `PATH`.
    public static boolean present() {
        return NeedsNats.Present.test();
    }

    /// As `TENDRIL_NATS_URL` takes it.
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /// `kill -9`.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /// Starts again on the same port, with nothing in mind.
    public void back() throws IOException {
        process = start();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
