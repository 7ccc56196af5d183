package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;
import dev.tendril.service.auth.WorkerIdentity;
import io.micronaut.websocket.WebSocketSession;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One worker's link and the devices on it. Thread-safe.
final class WorkerLink {

    /// Devices at once.
    static final int MOST_DEVICES = 32;

    private static final long MOST_BYTES = 8 << 20;

    private final WorkerIdentity worker;
    private final Outlet outlet;
    private final Map<Integer, DeviceLine> devices = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong pings = new AtomicLong();
    private volatile long heardNanos = System.nanoTime();

    WorkerLink(WorkerIdentity worker, WebSocketSession session) {
        this.worker = worker;
        this.outlet = new Outlet(session, MOST_BYTES);
    }

    WorkerIdentity worker() {
        return worker;
    }

    long heardNanos() {
        return heardNanos;
    }

    /// A device comes.
    ///
    /// @return null when there are too many
    @Nullable DeviceLine open(WebSocketSession session) {
        if (devices.size() >= MOST_DEVICES) {
            return null;
        }
        DeviceLine line = new DeviceLine(this, connections.incrementAndGet(), session);
        devices.put(line.connection(), line);
        toWorker(new LinkFrame.Opened(line.connection()));
        line.send(new byte[0]);
        return line;
    }

    void toWorker(LinkFrame frame) {
        outlet.send(frame.encode());
    }

    /// The worker said something. A frame that only a relay may send, or none at all, ends the
    /// link.
    void received(byte[] message) {
        heardNanos = System.nanoTime();
        LinkFrame frame;
        try {
            frame = LinkFrame.decode(message);
        } catch (IllegalArgumentException e) {
            close(LinkCode.MALFORMED);
            return;
        }
        switch (frame) {
            case LinkFrame.Packet packet -> {
                DeviceLine line = devices.get(packet.connection());
                if (line != null) {
                    line.send(packet.bytes());
                }
            }
            case LinkFrame.Closed closed -> {
                DeviceLine line = devices.remove(closed.connection());
                if (line != null) {
                    line.close(code(closed.code()), "");
                }
            }
            case LinkFrame.Ping ping -> toWorker(new LinkFrame.Pong(ping.id()));
            case LinkFrame.Pong _ -> {}
            case LinkFrame.Opened _ -> close(LinkCode.MALFORMED);
        }
    }

    /// Asks for a sign of life.
    void ping() {
        toWorker(new LinkFrame.Ping(pings.incrementAndGet()));
    }

    /// Ends devices that said nothing since then; their channels ping every 15 s.
    void dropSilent(long beforeNanos) {
        for (DeviceLine line : devices.values()) {
            if (line.heardNanos() - beforeNanos < 0) {
                line.end(LinkCode.SILENT);
            }
        }
    }

    /// A device is gone: the worker is told, unless it knows.
    void forget(DeviceLine line, int code) {
        if (devices.remove(line.connection(), line)) {
            toWorker(new LinkFrame.Closed(line.connection(), code));
        }
    }

    /// The WebSocket is gone.
    void gone() {
        for (DeviceLine line : devices.values()) {
            line.close(LinkCode.AWAY.code(), "the worker's link was cut");
        }
        devices.clear();
    }

    void close(LinkCode code) {
        outlet.close(code, "");
        gone();
    }

    /// What may stand in a close frame; anything else would end the whole connection.
    private static int code(int code) {
        return code == 1000 || code == 1001 || (code >= 4000 && code < 5000) ? code : 1000;
    }
}
