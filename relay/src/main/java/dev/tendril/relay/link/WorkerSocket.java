package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.contract.link.LinkFrame;
import dev.tendril.service.auth.WorkerIdentity;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.annotation.Secured;
import io.micronaut.websocket.CloseReason;
import io.micronaut.websocket.WebSocketSession;
import io.micronaut.websocket.annotation.OnClose;
import io.micronaut.websocket.annotation.OnError;
import io.micronaut.websocket.annotation.OnMessage;
import io.micronaut.websocket.annotation.OnOpen;
import io.micronaut.websocket.annotation.ServerWebSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `GET /api/v1/link`: a worker's link. The upgrade carries the session token that the worker got
/// for its token and the proof of its key.
@ServerWebSocket(value = "/api/v1/link", subprotocols = LinkFrame.PROTOCOL)
@Secured(WorkerIdentity.ROLE)
class WorkerSocket {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerSocket.class);
    private static final String LINK = "link";

    private final Links links;

    WorkerSocket(Links links) {
        this.links = links;
    }

    @OnOpen
    void open(WebSocketSession session, HttpRequest<?> request) {
        WorkerIdentity worker = WorkerIdentity.of(request);
        if (worker == null) {
            session.close(reason(LinkCode.UNAUTHORIZED));
        } else if (request.getHeaders().contains(HttpHeaders.ORIGIN)) {
            session.close(reason(LinkCode.FORBIDDEN));
        } else {
            session.put(LINK, links.begin(worker, session));
            LOG.atInfo()
                    .addKeyValue("event.action", "link_opened")
                    .addKeyValue("worker.id", worker.workerId())
                    .log("worker's link opened");
        }
    }

    @OnMessage(maxPayloadLength = LinkFrame.MAX_BYTES)
    void message(byte[] message, WebSocketSession session) {
        session.get(LINK, WorkerLink.class).ifPresent(link -> link.received(message));
    }

    @OnClose
    void close(CloseReason reason, WebSocketSession session) {
        over(session);
        if (session.isOpen()) {
            session.close(reason);
        }
    }

    @OnError
    void error(Throwable error, WebSocketSession session) {
        LOG.debug("a worker's link broke", error);
        over(session);
        if (session.isOpen()) {
            session.close(reason(LinkCode.MALFORMED));
        }
    }

    private void over(WebSocketSession session) {
        session.get(LINK, WorkerLink.class).ifPresent(links::end);
    }

    private static CloseReason reason(LinkCode code) {
        return new CloseReason(code.code(), code.name().toLowerCase(java.util.Locale.ROOT));
    }
}
