package dev.tendril.infra.stub;

import dev.tendril.infra.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// The stub's listening half: one virtual thread per connection reads, another answers.
///
/// | call | answer |
/// |---|---|
/// | `GET /v1/models` | one model, `stub` |
/// | `POST /v1/chat/completions` | as [Completion] says |
/// | `GET`, `PUT /control/plan` | the plan for requests that choose nothing themselves; `PUT` takes settings as text, e.g. `deltas=50 fault=refuse` on top of the plan at start |
/// | `GET`, `DELETE /control/requests` | the log of model requests |
final class StubServer implements AutoCloseable {
    private final ServerSocket listener;
    private final StubPlan initial;
    private final AtomicReference<StubPlan> plan;
    private final RequestLog log = new RequestLog(InstantSource.system());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private StubServer(ServerSocket listener, StubPlan plan) {
        this.listener = listener;
        this.initial = plan;
        this.plan = new AtomicReference<>(plan);
    }

    /// Listens on loopback.
    ///
    /// @param port 0 for any free one
    static StubServer start(int port, StubPlan plan) throws IOException {
        var listener = new ServerSocket();
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        var server = new StubServer(listener, plan);
        Thread.ofVirtual().name("stub-accept").start(server::accept);
        return server;
    }

    /// Where it listens, without a slash at the end.
    URI url() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().name("stub-connection").start(() -> serve(socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        sockets.add(socket);
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()), 1);
            for (HttpRequest request = HttpRequest.read(in);
                    request != null;
                    request = HttpRequest.read(in)) {
                HttpRequest current = request;
                var reply = new Reply(socket);
                Thread responder =
                        Thread.ofVirtual()
                                .name("stub-responder")
                                .start(() -> respond(current, reply));
                // Blocks until the caller sends its next request or hangs up.
                int next = nextByte(in);
                if (next < 0) {
                    reply.callerGone();
                }
                responder.join();
                if (next < 0 || reply.dropped()) {
                    return;
                }
                in.unread(next);
            }
        } catch (IOException _) {
            // A connection that ends badly ends nothing else.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    private static int nextByte(PushbackInputStream in) {
        try {
            return in.read();
        } catch (IOException _) {
            return -1;
        }
    }

    private void respond(HttpRequest request, Reply reply) {
        try {
            switch (request.method() + " " + request.path().split("\\?", 2)[0]) {
                case "GET /v1/models" ->
                        json(
                                reply,
                                Json.object(
                                        "object",
                                        "list",
                                        "data",
                                        List.of(
                                                Json.object(
                                                        "id",
                                                        "stub",
                                                        "object",
                                                        "model",
                                                        "created",
                                                        1,
                                                        "owned_by",
                                                        "stub"))));
                case "POST /v1/chat/completions" -> complete(request, reply);
                case "GET /control/plan" -> json(reply, plan.get());
                case "PUT /control/plan" -> {
                    plan.set(initial.with(new String(request.body(), StandardCharsets.UTF_8)));
                    json(reply, plan.get());
                }
                case "GET /control/requests" -> json(reply, log.all());
                case "DELETE /control/requests" -> {
                    log.clear();
                    json(reply, Map.of());
                }
                default ->
                        reply.whole(
                                404,
                                "application/json",
                                "{\"error\":{\"message\":\"no such path\"}}"
                                        .getBytes(StandardCharsets.UTF_8),
                                Map.of());
            }
        } catch (IOException _) {
            reply.callerGone();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void complete(HttpRequest http, Reply reply) throws IOException, InterruptedException {
        ModelRequest request;
        StubPlan chosen;
        try {
            request = Json.read(http.body(), ModelRequest.class);
            chosen = plan.get().forRequest(request.model(), request.lastUserText());
        } catch (IOException | IllegalArgumentException e) {
            reply.whole(
                    400,
                    "application/json",
                    Json.bytes(
                            Json.object(
                                    "error",
                                    Json.object("message", String.valueOf(e.getMessage())))),
                    Map.of());
            return;
        }
        new Completion(request, chosen, fault(chosen), reply, log.open(request)).run();
    }

    /// The fault of this request; counts down a fault of the standing plan that is limited in
    /// times.
    private Fault fault(StubPlan chosen) {
        StubPlan standing = plan.get();
        if (chosen.trouble().times() < 0 || !chosen.trouble().equals(standing.trouble())) {
            return chosen.trouble().fault();
        }
        StubPlan before =
                plan.getAndUpdate(p ->
                        p.trouble().times() > 0 ? p.with("times=" + (p.trouble().times() - 1)) : p);
        return before.trouble().times() > 0 ? before.trouble().fault() : Fault.NONE;
    }

    private static void json(Reply reply, Object body) throws IOException {
        reply.whole(200, "application/json", Json.bytes(body), Map.of());
    }
}
