package dev.tendril.infra.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One kept-alive HTTP/1.1 connection in blocking style, with as little work of its own as can be,
/// so that what is measured is the server. Not thread-safe.
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final String head;
    private final StringBuilder line = new StringBuilder();

    /// @param token bearer token; empty for none
    Wire(URI server, String token) throws IOException {
        socket = new Socket(server.getHost(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = new BufferedInputStream(socket.getInputStream());
        head =
                " HTTP/1.1\r\nhost: "
                        + server.getHost()
                        + "\r\ncontent-type: application/json\r\naccept: application/json\r\n"
                        + (token.isEmpty() ? "" : "authorization: Bearer " + token + "\r\n");
    }

    /// A POST and its whole answer.
    Answer post(String path, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] start =
                ("POST " + path + head + "content-length: " + bytes.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        var request = new byte[start.length + bytes.length];
        System.arraycopy(start, 0, request, 0, start.length);
        System.arraycopy(bytes, 0, request, start.length, bytes.length);
        socket.getOutputStream().write(request);
        return answer();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private Answer answer() throws IOException {
        int status = Integer.parseInt(readLine().substring(9, 12));
        int length = 0;
        boolean chunked = false;
        for (String header = readLine(); !header.isEmpty(); header = readLine()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = true;
            }
        }
        if (!chunked) {
            return new Answer(status, new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }
        var body = new StringBuilder();
        for (int size = chunk(); size > 0; size = chunk()) {
            body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
            readLine();
        }
        readLine();
        return new Answer(status, body.toString());
    }

    private int chunk() throws IOException {
        return Integer.parseInt(readLine(), 16);
    }

    private String readLine() throws IOException {
        line.setLength(0);
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the server closed the connection");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    /// @param body as text
    record Answer(int status, String body) {
        /// @throws IllegalStateException if the status is another one
        Answer expect(int expected) {
            if (status != expected) {
                throw new IllegalStateException(status + " instead of " + expected + ": " + body);
            }
            return this;
        }
    }
}
