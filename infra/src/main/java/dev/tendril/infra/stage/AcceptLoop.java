package dev.tendril.infra.stage;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

/// Gives each connection of a listener a thread of its own, until the listener is closed.
final class AcceptLoop {
    private AcceptLoop() {}

    /// @param name of the threads
    static void start(String name, ServerSocket listener, Consumer<Socket> open) {
        Thread.ofVirtual()
                .name(name)
                .start(() -> {
                    while (!listener.isClosed()) {
                        try {
                            Socket client = listener.accept();
                            Thread.ofVirtual()
                                    .name(name + "-open")
                                    .start(() -> open.accept(client));
                        } catch (IOException _) {
                            return;
                        }
                    }
                });
    }
}
