package dev.tendril.worker.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's link for devices: one outbound WebSocket that is opened again whenever it ends.
/// Both ends ping every 6 s and give up after 18 s of silence, so a half-open connection lasts at
/// most 20 s. Nothing on it is believed: packets go to [Devices], which check them.
public final class DeviceLink implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLink.class);

    /// A restart of the relay takes seconds; many workers must not come back in the same instant.
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(500), 3, Duration.ofSeconds(10));

    /// Another process has this worker's place; it may be gone later.
    private static final Duration REPLACED_WAIT = Duration.ofSeconds(10);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final URI relay;
    private final HttpClient http;
    private final LinkPass.Source source;
    private final Devices devices;
    private final Timing timing;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable LinkSocket current;

    /// @param ping how often a sign of life is asked for
    /// @param silence after which the link is given up
    record Timing(Duration ping, Duration silence) {
        static final Timing STANDARD = new Timing(Duration.ofSeconds(6), Duration.ofSeconds(18));
    }

    /// Starts a thread that keeps the link.
    ///
    /// @param relay its origin
    /// @param http speaks HTTP/1.1
    /// @param source gives a fresh pass for each link
    public DeviceLink(URI relay, HttpClient http, LinkPass.Source source, Devices devices) {
        this(relay, http, source, devices, Timing.STANDARD);
    }

    DeviceLink(URI relay, HttpClient http, LinkPass.Source source, Devices devices, Timing timing) {
        this.relay = relay;
        this.http = http;
        this.source = source;
        this.devices = devices;
        this.timing = timing;
        this.thread = Thread.ofVirtual().name("device-link").start(this::keep);
    }

    /// The WebSocket address of a relay's path.
    public static URI webSocket(URI relay, String path) {
        return URI.create(
                relay.toString().replaceFirst("^http", "ws").replaceFirst("/+$", "") + path);
    }

    private void keep() {
        int failures = 0;
        while (!closed) {
            try {
                int code = once();
                failures = code == 0 ? failures + 1 : 0;
                if (code == LinkCode.REPLACED.code()) {
                    TimeUnit.MILLISECONDS.sleep(REPLACED_WAIT.toMillis());
                }
            } catch (RelayAway | CallRefused e) {
                LOG.debug("no link: {}", e.getMessage());
                failures++;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("the link broke", e);
                failures++;
            }
            try {
                Duration wait = BACKOFF.before(Math.min(failures, 20), random);
                TimeUnit.MILLISECONDS.sleep(wait.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// One link from beginning to end.
    ///
    /// @return its close code, 0 when it could not be opened
    private int once() throws RelayAway, CallRefused, InterruptedException {
        LinkPass pass = source.pass();
        Lines lines = new Lines();
        LinkSocket socket =
                new LinkSocket(
                        () -> devices.linked(pass.workspace(), pass.worker()), lines::received);
        lines.socket = socket;
        try {
            http.newWebSocketBuilder()
                    .header("Authorization", pass.bearer())
                    .subprotocols(LinkFrame.PROTOCOL)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(webSocket(relay, "/api/v1/link"), socket)
                    .join();
        } catch (CompletionException | CancellationException e) {
            LOG.debug("no link", e);
            return 0;
        }
        current = socket;
        try {
            if (closed) {
                return socket.code();
            }
            LOG.info("Linked: devices can reach this worker");
            long pings = 0;
            while (!socket.awaitEnd(timing.ping().toMillis())) {
                if (System.nanoTime() - socket.heardNanos() > timing.silence().toNanos()) {
                    LOG.info("The link was silent and is opened anew");
                    break;
                }
                socket.offer(new LinkFrame.Ping(++pings).encode());
            }
            return socket.code();
        } finally {
            current = null;
            socket.abort();
            lines.gone();
        }
    }

    /// Ends the link in order and opens none any more.
    @Override
    public void close() {
        closed = true;
        LinkSocket open = current;
        try {
            if (open != null) {
                open.close(LinkCode.LEAVING.code());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }

    /// The connections on one link.
    private final class Lines {
        /// More than any relay of ours carries: a bound against one that lies.
        private static final int MOST = 64;

        private final Map<Integer, Devices.Device> byConnection = new ConcurrentHashMap<>();
        private volatile @Nullable LinkSocket socket;

        void received(byte[] message) {
            LinkFrame frame;
            try {
                frame = LinkFrame.decode(message);
            } catch (IllegalArgumentException e) {
                abort();
                return;
            }
            switch (frame) {
                case LinkFrame.Opened f -> {
                    if (byConnection.size() >= MOST || byConnection.containsKey(f.connection())) {
                        abort();
                        return;
                    }
                    byConnection.put(f.connection(), devices.opened(new Held(f.connection())));
                }
                case LinkFrame.Packet f -> {
                    Devices.Device device = byConnection.get(f.connection());
                    if (device != null) {
                        device.packet(f.bytes());
                    }
                }
                case LinkFrame.Closed f -> {
                    Devices.Device device = byConnection.remove(f.connection());
                    if (device != null) {
                        device.gone();
                    }
                }
                case LinkFrame.Ping f -> offer(new LinkFrame.Pong(f.id()));
                case LinkFrame.Pong _ -> {}
            }
        }

        void gone() {
            byConnection.values().forEach(Devices.Device::gone);
            byConnection.clear();
        }

        private void abort() {
            LinkSocket open = socket;
            if (open != null) {
                open.abort();
            }
        }

        private void offer(LinkFrame frame) {
            LinkSocket open = socket;
            if (open != null) {
                open.offer(frame.encode());
            }
        }

        private final class Held implements Devices.Line {
            private final int connection;

            Held(int connection) {
                this.connection = connection;
            }

            @Override
            public void send(byte[] packet) throws InterruptedException {
                LinkSocket open = socket;
                if (open != null && byConnection.containsKey(connection)) {
                    open.send(new LinkFrame.Packet(connection, packet).encode());
                }
            }

            @Override
            public void close() {
                Devices.Device device = byConnection.remove(connection);
                if (device != null) {
                    device.gone();
                    offer(new LinkFrame.Closed(connection, LinkCode.DONE.code()));
                }
            }
        }
    }
}
