package dev.tendril.worker.attach;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;
import dev.tendril.worker.link.DeviceLink;
import dev.tendril.worker.link.LinkSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Dials the relay's WebSocket for devices of one worker.
public final class RelayDialer implements Dialer {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /// Behind a balancer of two relays that does not route, chance fails so often once in 4,096.
    private static final int MOST_REDIALS = 12;

    private final HttpClient http;
    private final String relay;
    private final String worker;

    /// @param relay origin
    /// @param worker identifier at the relay
    public RelayDialer(HttpClient http, String relay, String worker) {
        this.http = http;
        this.relay = relay;
        this.worker = worker;
    }

    @Override
    public Wire dial(Consumer<byte[]> received, Consumer<String> gone)
            throws CannotConnect, InterruptedException {
        String path = "/api/v1/link/" + worker;
        String replica = "";
        for (int tries = 0; tries < MOST_REDIALS; tries++) {
            AtomicBoolean ready = new AtomicBoolean();
            LinkSocket socket = open(path + replica, received, ready);
            long until = System.nanoTime() + CONNECT_TIMEOUT.toNanos();
            while (!ready.get() && !socket.awaitEnd(5)) {
                if (System.nanoTime() - until > 0) {
                    socket.abort();
                    throw new CannotConnect("The relay " + relay + " does not answer.", false);
                }
            }
            if (ready.get()) {
                return wire(socket, gone);
            }
            if (socket.code() != LinkCode.ELSEWHERE.code()) {
                throw new CannotConnect(sentence(socket.code()), false);
            }
            replica = "?replica=" + URLEncoder.encode(socket.reason(), StandardCharsets.UTF_8);
        }
        throw new CannotConnect(
                "The worker is linked to another relay, which the balancer does not route to.",
                false);
    }

    /// The relay's first message is empty: it carries packets from now on.
    private LinkSocket open(String path, Consumer<byte[]> received, AtomicBoolean ready)
            throws CannotConnect {
        LinkSocket socket =
                new LinkSocket(
                        () -> {},
                        message -> {
                            if (message.length == 0) {
                                ready.set(true);
                            } else {
                                received.accept(message);
                            }
                        });
        try {
            http.newWebSocketBuilder()
                    .subprotocols(LinkFrame.PROTOCOL)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(DeviceLink.webSocket(URI.create(relay), path), socket)
                    .join();
            return socket;
        } catch (CompletionException e) {
            throw new CannotConnect("The relay " + relay + " cannot be reached.", false);
        }
    }

    private Wire wire(LinkSocket socket, Consumer<String> gone) {
        Thread.ofVirtual()
                .name("device-wire")
                .start(() -> {
                    try {
                        while (!socket.awaitEnd(60_000)) {
                            // The channel's own pings notice silence.
                        }
                        gone.accept(sentence(socket.code()));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        return new Wire() {
            @Override
            public void send(byte[] packet) throws InterruptedException {
                socket.send(packet);
            }

            @Override
            public void close() throws InterruptedException {
                socket.close(LinkCode.DONE.code());
            }
        };
    }

    private static String sentence(int code) {
        if (code == LinkCode.AWAY.code()) {
            return "The worker has no link to the relay now; is it running?";
        }
        if (code == LinkCode.TOO_MANY.code()) {
            return "As many devices are connected to this worker as may be.";
        }
        return "";
    }
}
