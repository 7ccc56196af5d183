package dev.tendril.relay.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Server-sent events as bytes: never an `event:` line, which some clients take for an error.
final class Sse {

    /// The browser comes back after this long.
    static final Duration RETRY = Duration.ofSeconds(3);

    static final byte[] OPENING = bytes("retry: " + RETRY.toMillis() + "\n\n");
    static final byte[] PING = bytes(": ping\n\n");
    static final byte[] DONE = bytes("data: [DONE]\n\n");

    private Sse() {}

    /// A frame of the log.
    static void frame(StringBuilder to, String epoch, long seq, String json) {
        to.append("id: ").append(epoch).append(':').append(seq).append("\ndata: ");
        to.append(json).append("\n\n");
    }

    /// A frame that is not part of the log.
    static byte[] unnumbered(String json) {
        return bytes("data: " + json + "\n\n");
    }

    /// Whether a stored frame is `finish`, `abort` or `error`.
    static boolean terminal(String json) {
        return json.startsWith("{\"type\":\"finish\"")
                || json.startsWith("{\"type\":\"abort\"")
                || json.startsWith("{\"type\":\"error\"");
    }

    static byte[] bytes(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
