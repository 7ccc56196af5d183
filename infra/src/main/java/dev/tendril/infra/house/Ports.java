package dev.tendril.infra.house;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Free ports on loopback.
public final class Ports {
    private Ports() {}

    /// A port that nobody listens on at this moment.
    public static int free() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
