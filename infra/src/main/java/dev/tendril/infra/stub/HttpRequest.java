package dev.tendril.infra.stub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 request as it came over the socket.
///
/// @param headers by lower-case name
/// @param body at most 16 MiB
record HttpRequest(String method, String path, Map<String, String> headers, byte[] body) {
    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final int MAX_BODY_BYTES = 16 * 1024 * 1024;

    /// The next request, or null when the peer has closed the connection between two requests.
    ///
    /// @throws IOException if it closed in the middle of one, or sent what is no request
    static @Nullable HttpRequest read(InputStream in) throws IOException {
        String first = line(in);
        if (first == null) {
            return null;
        }
        String[] words = first.split(" ", -1);
        if (words.length != 3) {
            throw new IOException("not an HTTP request line");
        }
        var headers = new HashMap<String, String>();
        for (String header = required(in); !header.isEmpty(); header = required(in)) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).trim());
            }
        }
        return new HttpRequest(words[0], words[1], headers, body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            var all = new ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(required(in).split(";", 2)[0].trim(), 16);
                if (all.size() + size > MAX_BODY_BYTES) {
                    throw new IOException("request body over " + MAX_BODY_BYTES + " bytes");
                }
                all.write(exactly(in, size));
                required(in);
                if (size == 0) {
                    return all.toByteArray();
                }
            }
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        if (length > MAX_BODY_BYTES) {
            throw new IOException("request body over " + MAX_BODY_BYTES + " bytes");
        }
        return exactly(in, length);
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("closed within a request body");
        }
        return bytes;
    }

    private static String required(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            throw new IOException("closed within a request");
        }
        return line;
    }

    private static @Nullable String line(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                if (bytes.size() == 0) {
                    return null;
                }
                throw new IOException("closed within a line");
            }
            if (bytes.size() == MAX_LINE_BYTES) {
                throw new IOException("line over " + MAX_LINE_BYTES + " bytes");
            }
            bytes.write(b);
        }
        String line = bytes.toString(StandardCharsets.UTF_8);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}
