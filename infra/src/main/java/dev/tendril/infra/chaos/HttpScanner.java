package dev.tendril.infra.chaos;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Finds the messages of one direction of an HTTP/1.1 connection. Bodies need a length or chunks; a
/// message without either has none. For one thread.
final class HttpScanner {
    private static final int LARGEST = 8 * 1024 * 1024;

    private byte[] buffer = new byte[0];

    /// @param start the first line
    record Message(String start, byte[] body) {}

    /// The messages that these bytes complete.
    List<Message> accept(byte[] bytes, int length) {
        int before = buffer.length;
        buffer = Arrays.copyOf(buffer, before + length);
        System.arraycopy(bytes, 0, buffer, before, length);
        var found = new ArrayList<Message>();
        for (Message next = next(); next != null; next = next()) {
            found.add(next);
        }
        if (buffer.length > LARGEST) {
            buffer = new byte[0];
        }
        return found;
    }

    private @Nullable Message next() {
        String text = new String(buffer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return null;
        }
        String[] lines = text.substring(0, end).split("\r\n");
        int length = 0;
        boolean chunked = false;
        for (String line : lines) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
            chunked |= header.startsWith("transfer-encoding:") && header.contains("chunked");
        }
        int from = end + 4;
        if (!chunked) {
            return buffer.length < from + length
                    ? null
                    : take(lines[0], text.substring(from, from + length), from + length);
        }
        var body = new StringBuilder();
        while (true) {
            int eol = text.indexOf("\r\n", from);
            if (eol < 0) {
                return null;
            }
            int size = Integer.parseInt(text.substring(from, eol).split(";", 2)[0].strip(), 16);
            int next = eol + 2 + size + 2;
            if (text.length() < next) {
                return null;
            }
            if (size == 0) {
                return take(lines[0], body.toString(), next);
            }
            body.append(text, eol + 2, eol + 2 + size);
            from = next;
        }
    }

    private Message take(String start, String body, int used) {
        buffer = Arrays.copyOfRange(buffer, used, buffer.length);
        return new Message(start, body.getBytes(StandardCharsets.ISO_8859_1));
    }
}
