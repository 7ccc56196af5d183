package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;

/// A device's connection, on a worker's link.
final class DeviceLine {

    private static final long MOST_BYTES = 1 << 20;

    private final WorkerLink link;
    private final int connection;
    private final Outlet outlet;
    private volatile long heardNanos = System.nanoTime();

    DeviceLine(WorkerLink link, int connection, io.micronaut.websocket.WebSocketSession session) {
        this.link = link;
        this.connection = connection;
        this.outlet = new Outlet(session, MOST_BYTES);
    }

    int connection() {
        return connection;
    }

    long heardNanos() {
        return heardNanos;
    }

    /// The device said something.
    void received(byte[] packet) {
        heardNanos = System.nanoTime();
        if (packet.length == 0 || packet.length > LinkFrame.MAX_PACKET_BYTES) {
            end(LinkCode.MALFORMED);
            return;
        }
        link.toWorker(new LinkFrame.Packet(connection, packet));
    }

    /// The worker said something.
    void send(byte[] packet) {
        outlet.send(packet);
    }

    /// The device is gone.
    void gone(int code) {
        link.forget(this, code);
    }

    /// The worker, or its link, ends it.
    void close(int code, String reason) {
        outlet.close(code, reason);
    }

    /// The relay ends it.
    void end(LinkCode code) {
        outlet.close(code, "");
        link.forget(this, code.code());
    }
}
