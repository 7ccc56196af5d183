package dev.tendril.infra.stage;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 proxy that decides the fate of each call: lets it pass, holds it, loses it before or
/// after the server has it, sends it twice, changes a body. For calls with bodies that fit in
/// memory; streams belong to [CutProxy].
///
/// Whoever hangs up here is seen to hang up there.
public final class CallProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Rule rule = _ -> Fate.pass();

    private CallProxy(ServerSocket listener, InetSocketAddress target) {
        this.listener = listener;
        this.target = target;
    }

    /// What happens to calls.
    public interface Rule {
        /// May block: then the call is held that long. Asked by many threads at once.
        Fate of(Call call) throws InterruptedException;
    }

    /// One call as it came.
    ///
    /// @param path with its query
    /// @param again sends it once more, whenever that is
    public record Call(String method, String path, String body, Again again) {}

    /// A call that may be repeated.
    public interface Again {
        /// Sends it to the server on a connection of its own.
        ///
        /// @return the answer's body
        String send() throws IOException;
    }

    /// What becomes of one call.
    ///
    /// @param sent how often the server gets it; its last answer counts
    /// @param body what the server gets
    /// @param echoMs after so long the server gets the call once more, on a connection of its own;
    ///   negative for never
    /// @param answered is given the answer's body when the server has answered, and may block; what
    ///   it returns goes on to the caller, null for nothing but a cut connection
    public record Fate(
            int sent,
            @Nullable String body,
            long echoMs,
            UnaryOperator<@Nullable String> answered) {
        /// As without a proxy.
        public static Fate pass() {
            return new Fate(1, null, -1, UnaryOperator.identity());
        }

        /// The server never has it; the caller's connection is cut.
        public static Fate lost() {
            return new Fate(0, null, -1, _ -> null);
        }

        /// The server does it, and the caller does not hear.
        public static Fate answerLost() {
            return new Fate(1, null, -1, _ -> null);
        }

        /// The server gets it so often.
        public static Fate times(int sent) {
            return new Fate(sent, null, -1, UnaryOperator.identity());
        }

        /// The server gets it twice, the second time so late that other calls are between.
        public static Fate echo(long echoMs) {
            return new Fate(1, null, echoMs, UnaryOperator.identity());
        }

        /// The server gets another body, and the caller another answer.
        public static Fate edited(String body, UnaryOperator<@Nullable String> answered) {
            return new Fate(1, body, -1, answered);
        }

        /// `then` happens when the server has answered and before the caller hears.
        public static Fate then(UnaryOperator<@Nullable String> then) {
            return new Fate(1, null, -1, then);
        }
    }

    /// Forwards from a free loopback port to the host and port of `target`.
    public static CallProxy to(URI target) throws IOException {
        var listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        var proxy =
                new CallProxy(listener, new InetSocketAddress(target.getHost(), target.getPort()));
        AcceptLoop.start("call-proxy", proxy.listener, proxy::open);
        return proxy;
    }

    /// Where it listens.
    public URI url() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /// From now on.
    public void rule(Rule rule) {
        this.rule = rule;
    }

    /// Every call passes again.
    public void pass() {
        rule = _ -> Fate.pass();
    }

    /// Cuts all connections now.
    public void cutAll() {
        sockets.forEach(CallProxy::end);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(CallProxy::end);
    }

    private void open(Socket client) {
        sockets.add(client);
        var server = new Socket();
        sockets.add(server);
        BlockingQueue<Optional<Message>> requests = new LinkedBlockingQueue<>();
        try {
            client.setTcpNoDelay(true);
            server.connect(target, 5_000);
            server.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> listen(client, server, requests));
            var answers = new BufferedInputStream(server.getInputStream());
            while (true) {
                Optional<Message> request = requests.take();
                if (request.isEmpty() || !serve(request.get(), client, server, answers)) {
                    return;
                }
            }
        } catch (IOException _) {
            // One side is gone; so is the other now.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            end(client);
            end(server);
            sockets.remove(client);
            sockets.remove(server);
        }
    }

    /// Reads requests as they come; when the caller is gone, the server loses its connection.
    private static void listen(
            Socket client, Socket server, BlockingQueue<Optional<Message>> requests) {
        try {
            var in = new BufferedInputStream(client.getInputStream());
            for (Message m = Message.read(in); m != null; m = Message.read(in)) {
                requests.add(Optional.of(m));
            }
        } catch (IOException _) {
            // The caller is gone.
        }
        end(server);
        requests.add(Optional.empty());
    }

    /// False when the connection is to be cut.
    private boolean serve(Message request, Socket client, Socket server, InputStream answers)
            throws IOException, InterruptedException {
        String[] words = request.first().split(" ", 3);
        Fate fate = rule.of(new Call(words[0], words[1], request.text(), () -> again(request)));
        if (fate.echoMs() >= 0) {
            Thread.ofVirtual().start(() -> echo(request, fate.echoMs()));
        }
        Message answer = null;
        for (int i = 0; i < fate.sent(); i++) {
            server.getOutputStream().write(request.with(fate.body()).bytes());
            answer = Message.read(answers);
            if (answer == null) {
                return false;
            }
        }
        if (answer == null) {
            return false;
        }
        String before = answer.text();
        String after = fate.answered().apply(before);
        if (after == null) {
            return false;
        }
        client.getOutputStream().write(answer.with(after.equals(before) ? null : after).bytes());
        return true;
    }

    private void echo(Message request, long afterMs) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(afterMs));
        try {
            again(request);
        } catch (IOException _) {
            // Nobody waits for it.
        }
    }

    private String again(Message request) throws IOException {
        try (var socket = new Socket()) {
            sockets.add(socket);
            socket.connect(target, 5_000);
            socket.getOutputStream().write(request.bytes());
            Message answer = Message.read(new BufferedInputStream(socket.getInputStream()));
            sockets.remove(socket);
            return answer == null ? "" : answer.text();
        }
    }

    private static void end(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // Closed before.
        }
        try {
            socket.close();
        } catch (IOException _) {
            // Closed before.
        }
    }

    /// A request or an answer.
    ///
    /// @param head all lines without those on the body's length, each with its end
    private record Message(String first, String head, byte[] body) {
        static @Nullable Message read(InputStream in) throws IOException {
            String first = line(in);
            if (first == null) {
                return null;
            }
            var head = new StringBuilder(first).append("\r\n");
            int length = 0;
            boolean chunked = false;
            while (true) {
                String line = line(in);
                if (line == null) {
                    throw new IOException("closed within a head");
                }
                if (line.isEmpty()) {
                    break;
                }
                String lower = line.toLowerCase(java.util.Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).trim());
                } else if (lower.startsWith("transfer-encoding:")) {
                    chunked = true;
                } else {
                    head.append(line).append("\r\n");
                }
            }
            return new Message(first, head.toString(), chunked ? chunks(in) : exactly(in, length));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        Message with(@Nullable String text) {
            return text == null
                    ? this
                    : new Message(first, head, text.getBytes(StandardCharsets.UTF_8));
        }

        byte[] bytes() {
            var all = new ByteArrayOutputStream();
            all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
            if (!first.contains(" 204 ")) {
                all.writeBytes(
                        ("content-length: " + body.length + "\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
            }
            all.writeBytes(new byte[] {'\r', '\n'});
            all.writeBytes(body);
            return all.toByteArray();
        }

        private static byte[] chunks(InputStream in) throws IOException {
            var all = new ByteArrayOutputStream();
            while (true) {
                String size = line(in);
                if (size == null) {
                    throw new IOException("closed within a body");
                }
                int bytes = Integer.parseInt(size.split(";", 2)[0].trim(), 16);
                all.writeBytes(exactly(in, bytes));
                line(in);
                if (bytes == 0) {
                    return all.toByteArray();
                }
            }
        }

        private static byte[] exactly(InputStream in, int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new IOException("closed within a body");
            }
            return bytes;
        }

        private static @Nullable String line(InputStream in) throws IOException {
            var bytes = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    return null;
                }
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.ISO_8859_1).stripTrailing();
        }
    }
}
