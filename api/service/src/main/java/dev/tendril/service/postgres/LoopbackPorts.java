package dev.tendril.service.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/// Where a server may listen: the port of last time, or another free one.
final class LoopbackPorts {
    /// Below the range from which the system takes ports for outgoing connections, so that nobody
    /// grabs ours while the server restarts.
    private static final int FIRST_PORT = 15_432;

    private static final int PORTS = 10_000;

    private final Path file;

    /// @param file keeps the port from one start to the next
    LoopbackPorts(Path file) {
        this.file = file;
    }

    void remember(int port) throws IOException {
        Files.writeString(file, port + "\n");
    }

    /// The remembered one when it is free.
    int preferred() throws IOException {
        if (Files.exists(file)) {
            try {
                var last = Integer.parseInt(Files.readString(file).strip());
                if (last >= 1024 && last <= 65_535 && isFree(last)) {
                    return last;
                }
            } catch (NumberFormatException e) {
                // Written by nobody we know; take a new one.
            }
        }
        return free();
    }

    int free() {
        var random = new SecureRandom();
        for (var i = 0; i < 1000; i++) {
            var candidate = FIRST_PORT + random.nextInt(PORTS);
            if (isFree(candidate)) {
                return candidate;
            }
        }
        throw new PostgresFailure(
                "No free loopback port between "
                        + FIRST_PORT
                        + " and "
                        + (FIRST_PORT + PORTS - 1)
                        + " for PostgreSQL.");
    }

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
