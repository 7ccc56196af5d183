package dev.tendril.worker.relay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A model's HTTP server, down at the socket, so that a test decides about every byte.
public final class ModelDouble implements AutoCloseable {
    private static final Pattern LENGTH =
            Pattern.compile("content-length: *([0-9]+)", Pattern.CASE_INSENSITIVE);

    private final ServerSocket server;
    private final ConcurrentLinkedQueue<Script> scripts = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong closedNanos = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile @Nullable Script always;

    /// What is done with one request.
    public interface Script {
        /// Writes an answer; the connection is closed afterwards.
        void play(Exchange exchange) throws IOException, InterruptedException;
    }

    /// Starts on a free port of the loopback interface.
    public ModelDouble() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// Its address, without `/v1`.
    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /// Adds a script for one request; the last one counts for all that follow.
    public ModelDouble then(Script script) {
        scripts.add(script);
        always = script;
        return this;
    }

    /// The requests so far: head and body as text.
    public List<String> requests() {
        return requests.stream().filter(request -> request.startsWith("POST")).toList();
    }

    /// All requests, also those for the list of models.
    public List<String> allRequests() {
        return List.copyOf(requests);
    }

    /// Waits until the client has closed a connection that a script watches.
    public void awaitClose(Duration limit) throws InterruptedException {
        if (!closed.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the connection was not closed within " + limit);
        }
    }

    /// When the client closed it.
    public long closedNanos() {
        return closedNanos.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = read(socket.getInputStream());
            if (request.isEmpty()) {
                return;
            }
            requests.add(request);
            var exchange = new Exchange(socket, request);
            if (request.startsWith("GET")) {
                exchange.send(
                        200,
                        "application/json",
                        "{\"data\":[{\"id\":\"text-embedding\"},{\"id\":\"little-model\"}]}");
                return;
            }
            Script script = scripts.poll();
            if (script == null) {
                script = always;
            }
            if (script != null) {
                script.play(exchange);
            }
        } catch (IOException e) {
            // The client went away, which is what many tests want.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String read(InputStream in) throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return "";
            }
            head.write(b);
        }
        String text = head.toString(StandardCharsets.ISO_8859_1);
        Matcher length = LENGTH.matcher(text);
        int bytes = length.find() ? Integer.parseInt(length.group(1)) : 0;
        return text + new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        ending.countDown();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /// One request and its answer.
    public final class Exchange {
        private final Socket socket;
        private final OutputStream out;
        private final String request;

        Exchange(Socket socket, String request) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
            this.request = request;
        }

        /// Head and body.
        public String request() {
            return request;
        }

        /// A whole answer.
        public void send(int status, String type, String body, String... headers)
                throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            var head = new StringBuilder();
            head.append(String.format(Locale.ROOT, "HTTP/1.1 %d X\r\n", status));
            head.append("Content-Type: ").append(type).append("\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            head.append("Content-Length: ")
                    .append(bytes.length)
                    .append("\r\nConnection: close\r\n\r\n");
            raw(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            raw(bytes);
        }

        /// Begins an event stream that ends with the connection.
        public void begin() throws IOException {
            raw(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.ISO_8859_1));
        }

        /// One event.
        public void data(String json) throws IOException {
            raw(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
        }

        /// One piece of text.
        public void text(String delta) throws IOException {
            data(chunk("{\"content\":" + Wire.JSON.writeValueAsString(delta) + "}", null));
        }

        /// `finish_reason`, usage and `[DONE]`.
        public void finish() throws IOException {
            data(chunk("{}", "stop"));
            data(
                    "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,"
                            + "\"prompt_tokens_details\":{\"cached_tokens\":2}}}");
            raw("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        }

        /// A whole streamed answer.
        public void say(String... deltas) throws IOException {
            begin();
            for (String delta : deltas) {
                text(delta);
            }
            finish();
        }

        /// Bytes as they are.
        public void raw(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /// Blocks until the client closes, or the test ends.
        public void awaitClose() throws IOException {
            try {
                while (socket.getInputStream().read() >= 0) {}
            } catch (IOException e) {
                // A reset is a close too.
            }
            if (ending.getCount() > 0) {
                closedNanos.set(System.nanoTime());
                closed.countDown();
            }
        }

        /// Cuts the connection with a reset.
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /// A chunk of a chat completion.
    public static String chunk(String delta, @Nullable String finishReason) {
        String reason = finishReason == null ? "null" : "\"" + finishReason + "\"";
        return "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
                + delta
                + ",\"finish_reason\":"
                + reason
                + "}]}";
    }
}
