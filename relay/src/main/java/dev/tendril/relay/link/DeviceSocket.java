package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.websocket.CloseReason;
import io.micronaut.websocket.WebSocketSession;
import io.micronaut.websocket.annotation.OnClose;
import io.micronaut.websocket.annotation.OnError;
import io.micronaut.websocket.annotation.OnMessage;
import io.micronaut.websocket.annotation.OnOpen;
import io.micronaut.websocket.annotation.ServerWebSocket;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `GET /api/v1/link/{worker}`: a device's connection to a worker. Open to anybody, since only the
/// worker can tell its devices from strangers, and does; the relay bounds their number and bytes.
@ServerWebSocket(value = "/api/v1/link/{worker}", subprotocols = LinkFrame.PROTOCOL)
@Secured(SecurityRule.IS_ANONYMOUS)
class DeviceSocket {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceSocket.class);
    private static final String LINE = "line";

    private final Links links;

    DeviceSocket(Links links) {
        this.links = links;
    }

    @OnOpen
    void open(UUID worker, WebSocketSession session, HttpRequest<?> request) {
        if (request.getHeaders().contains(HttpHeaders.ORIGIN)) {
            close(session, LinkCode.FORBIDDEN, "");
            return;
        }
        WorkerLink link = links.of(worker);
        if (link == null) {
            links.elsewhere(worker)
                    .whenComplete((other, _) ->
                            close(
                                    session,
                                    other == null ? LinkCode.AWAY : LinkCode.ELSEWHERE,
                                    other == null ? "" : other));
            return;
        }
        DeviceLine line = link.open(session);
        if (line == null) {
            close(session, LinkCode.TOO_MANY, "");
        } else {
            session.put(LINE, line);
        }
    }

    @OnMessage(maxPayloadLength = LinkFrame.MAX_BYTES)
    void message(byte[] message, WebSocketSession session) {
        session.get(LINE, DeviceLine.class).ifPresent(line -> line.received(message));
    }

    @OnClose
    void close(CloseReason reason, WebSocketSession session) {
        session.get(LINE, DeviceLine.class).ifPresent(line -> line.gone(reason.getCode()));
        if (session.isOpen()) {
            session.close(reason);
        }
    }

    @OnError
    void error(Throwable error, WebSocketSession session) {
        LOG.debug("a device's connection broke", error);
        session.get(LINE, DeviceLine.class).ifPresent(line -> line.gone(LinkCode.MALFORMED.code()));
        close(session, LinkCode.MALFORMED, "");
    }

    private static void close(WebSocketSession session, LinkCode code, String reason) {
        if (session.isOpen()) {
            String text =
                    reason.isEmpty() ? code.name().toLowerCase(java.util.Locale.ROOT) : reason;
            session.close(new CloseReason(code.code(), text));
        }
    }
}
