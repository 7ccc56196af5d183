package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import io.micronaut.websocket.CloseReason;
import io.micronaut.websocket.WebSocketSession;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Sends on one WebSocket, with at most so many bytes waiting: who takes too little is cut off, and
/// nobody else waits. Thread-safe; messages of one thread keep their order.
final class Outlet {

    private final WebSocketSession session;
    private final long mostBytes;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    Outlet(WebSocketSession session, long mostBytes) {
        this.session = session;
        this.mostBytes = mostBytes;
    }

    /// Sends, or closes with [LinkCode#SLOW].
    void send(byte[] message) {
        if (closed.get() || !session.isOpen()) {
            return;
        }
        if (waiting.addAndGet(message.length) > mostBytes) {
            waiting.addAndGet(-message.length);
            close(LinkCode.SLOW, "");
            return;
        }
        session.sendAsync(message).whenComplete((_, _) -> waiting.addAndGet(-message.length));
    }

    /// Closes, once.
    void close(LinkCode code, String reason) {
        close(
                code.code(),
                reason.isEmpty() ? code.name().toLowerCase(java.util.Locale.ROOT) : reason);
    }

    /// Closes, once.
    void close(int code, String reason) {
        if (closed.compareAndSet(false, true) && session.isOpen()) {
            session.close(new CloseReason(code, reason));
        }
    }
}
