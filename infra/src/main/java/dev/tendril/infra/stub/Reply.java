package dev.tendril.infra.stub;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The answering half of one request. Ends when it is complete, dropped, or when the caller hangs
/// up, which [#pause] and [#untilGone] notice at once.
final class Reply {
    private final Socket socket;
    private final OutputStream out;
    private final CountDownLatch gone = new CountDownLatch(1);
    private volatile boolean dropped;

    Reply(Socket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
    }

    /// The connection's reader saw the caller hang up.
    void callerGone() {
        gone.countDown();
    }

    /// Whether the connection must not be used for another request.
    boolean dropped() {
        return dropped;
    }

    /// Waits.
    ///
    /// @return false when the caller hung up meanwhile
    boolean pause(Duration time) throws InterruptedException {
        if (time.isNegative()) {
            return gone.getCount() > 0;
        }
        return !gone.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Waits until the caller hangs up.
    void untilGone() throws InterruptedException {
        gone.await();
    }

    /// A whole answer.
    void whole(int status, String contentType, byte[] body, Map<String, String> more)
            throws IOException {
        var head = head(status, contentType, more);
        head.append("content-length: ").append(body.length).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    /// Opens an answer of chunks.
    void open(String contentType) throws IOException {
        var head = head(200, contentType, Map.of("cache-control", "no-cache"));
        head.append("transfer-encoding: chunked\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    void chunk(byte[] bytes) throws IOException {
        var frame = new byte[bytes.length + 16];
        byte[] size =
                (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(size, 0, frame, 0, size.length);
        System.arraycopy(bytes, 0, frame, size.length, bytes.length);
        frame[size.length + bytes.length] = '\r';
        frame[size.length + bytes.length + 1] = '\n';
        out.write(frame, 0, size.length + bytes.length + 2);
        out.flush();
    }

    void close() throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /// Writes bytes as they are.
    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /// Closes the connection.
    ///
    /// @param reset with a TCP reset instead of an orderly end
    void drop(boolean reset) throws IOException {
        dropped = true;
        if (reset) {
            socket.setSoLinger(true, 0);
        }
        socket.close();
    }

    private static StringBuilder head(int status, String contentType, Map<String, String> more) {
        var head = new StringBuilder("HTTP/1.1 ").append(status).append(' ').append("stub\r\n");
        head.append("content-type: ").append(contentType).append("\r\n");
        more.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head;
    }
}
