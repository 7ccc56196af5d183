package dev.tendril.relay.stage;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A reader of a stream on a bare socket, so that every byte and its time is seen, and the
/// connection can be cut after any of them.
public final class RawStream implements AutoCloseable {

    private static final int TIMEOUT_MS = 15_000;

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Map<String, String> headers = new TreeMap<>();
    private int status;
    private long chunkLeft;
    private boolean chunked;
    private boolean ended;
    private long bytesLeft = Long.MAX_VALUE;

    private RawStream(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /// Opens a stream and reads the response's head.
    static RawStream open(URI uri, UUID chat, String token, @Nullable String after) {
        return open(
                uri,
                "/api/v1/chats/" + chat + "/stream" + (after == null ? "" : "?after=" + after),
                token,
                "");
    }

    /// Opens a stream by its path, with more header lines.
    public static RawStream open(URI uri, String path, String token, String more) {
        try {
            RawStream stream = new RawStream(new Socket(uri.getHost(), uri.getPort()));
            stream.socket.setSoTimeout(TIMEOUT_MS);
            stream.socket.setTcpNoDelay(true);
            String request =
                    "GET "
                            + path
                            + " HTTP/1.1\r\nHost: "
                            + uri.getHost()
                            + "\r\nAccept: text/event-stream, */*\r\nAuthorization: Bearer "
                            + token
                            + "\r\n"
                            + more
                            + "\r\n";
            stream.socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            stream.socket.getOutputStream().flush();
            stream.head();
            return stream;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// HTTP status.
    public int status() {
        return status;
    }

    /// A header of the response, lower-case name.
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /// Reads at most so many more bytes of the body, then behaves as if the line were cut.
    public RawStream cutAfter(long bytes) {
        bytesLeft = bytes;
        return this;
    }

    /// Waits at most so long for a byte; after that [#next] throws.
    public RawStream timeout(int milliseconds) {
        try {
            socket.setSoTimeout(milliseconds);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next event or comment, null at the end of the body, at the cut, or when the server
    /// closed the connection.
    public @Nullable Event next() {
        String id = null;
        StringBuilder data = new StringBuilder();
        String comment = null;
        boolean any = false;
        while (true) {
            String text = readLine();
            if (text == null) {
                return null;
            }
            if (text.isEmpty()) {
                if (any) {
                    return new Event(id, data.toString(), comment, System.nanoTime());
                }
                continue;
            }
            any = true;
            if (text.startsWith("id: ")) {
                id = text.substring(4);
            } else if (text.startsWith("data: ")) {
                data.append(text.substring(6));
            } else {
                comment = text;
            }
        }
    }

    /// The next event with an id or `[DONE]`.
    public @Nullable Event nextFrame() {
        long deadline = System.nanoTime() + 1_000_000L * TIMEOUT_MS;
        while (true) {
            Event event = next();
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no frame within " + TIMEOUT_MS + " ms");
            }
            if (event == null || event.id() != null || event.done()) {
                return event;
            }
        }
    }

    /// All frames up to the end.
    public List<Event> frames() {
        List<Event> events = new ArrayList<>();
        for (Event event = nextFrame(); event != null; event = nextFrame()) {
            events.add(event);
        }
        return events;
    }

    /// Whether the server ended the body in order.
    public boolean ended() {
        return ended;
    }

    /// Nothing comes for so long.
    public boolean silentFor(int milliseconds) {
        timeout(milliseconds);
        try {
            return next() == null;
        } catch (UncheckedIOException e) {
            return e.getCause() instanceof SocketTimeoutException;
        } finally {
            timeout(TIMEOUT_MS);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() throws IOException {
        status = Integer.parseInt(rawLine().split(" ")[1]);
        for (String header = rawLine(); !header.isEmpty(); header = rawLine()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        chunked = header("transfer-encoding").equals("chunked");
        if (!chunked) {
            chunkLeft =
                    header("content-length").isEmpty()
                            ? 0
                            : Long.parseLong(header("content-length"));
        }
    }

    private String rawLine() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("closed in the head");
            }
            if (b != '\r') {
                text.append((char) b);
            }
        }
        return text.toString();
    }

    private @Nullable String readLine() {
        try {
            while (true) {
                int b = body();
                if (b < 0) {
                    return null;
                }
                if (b == '\n') {
                    String text = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    return text;
                }
                line.write(b);
            }
        } catch (IOException e) {
            if (e instanceof SocketTimeoutException) {
                throw new UncheckedIOException(e);
            }
            return null;
        }
    }

    private int body() throws IOException {
        if (ended || bytesLeft == 0) {
            return -1;
        }
        if (chunkLeft == 0) {
            if (!chunked) {
                ended = true;
                return -1;
            }
            String size = rawLine();
            if (size.isEmpty()) {
                size = rawLine();
            }
            chunkLeft = Long.parseLong(size, 16);
            if (chunkLeft == 0) {
                ended = true;
                return -1;
            }
        }
        int b = in.read();
        if (b >= 0) {
            chunkLeft--;
            bytesLeft--;
        }
        return b;
    }

    /// @param id cursor; null when the event has none
    /// @param comment a line that is neither `id` nor `data`
    /// @param nanos when its last byte was read
    public record Event(@Nullable String id, String data, @Nullable String comment, long nanos) {

        /// Whether this is `[DONE]`.
        public boolean done() {
            return data.equals("[DONE]");
        }

        /// The seq of the cursor.
        public long seq() {
            return id == null ? -1 : Long.parseLong(id.substring(id.indexOf(':') + 1));
        }

        /// Whether the frame is of that type.
        public boolean is(String type) {
            return data.startsWith("{\"type\":\"" + type + "\"");
        }
    }
}
