package dev.tendril.contract.channel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What both sides must agree on before they speak. It goes into the handshake's hash, so that a
/// handshake for another relay, worker, device or purpose fails.
///
/// The strings are those of [WorkerAddress].
record Prologue(String relay, String workspace, String worker, String device, Purpose purpose) {

    private static final Pattern RELAY =
            Pattern.compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[1-9][0-9]{0,4})?");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int MAX_RELAY = 255;

    /// @throws IllegalArgumentException for a value that could be written in two ways
    Prologue {
        if (!isRelay(relay)) {
            throw new IllegalArgumentException("not a canonical origin");
        }
        if (!isId(workspace) || !isId(worker) || !isId(device)) {
            throw new IllegalArgumentException("not an identifier");
        }
    }

    static boolean isRelay(String relay) {
        return relay.length() <= MAX_RELAY
                && RELAY.matcher(relay).matches()
                && !(relay.startsWith("https:") && relay.endsWith(":443"))
                && !(relay.startsWith("http:") && relay.endsWith(":80"));
    }

    static boolean isId(String id) {
        return ID.matcher(id).matches();
    }

    /// `"tendril channel"`, version, suite, purpose, then the four strings with their lengths.
    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("tendril channel".getBytes(StandardCharsets.US_ASCII));
        out.write(Packets.VERSION);
        out.write(Packets.SUITE);
        out.write(purpose.code());
        out.writeBytes(Packets.prefixed(relay));
        out.writeBytes(Packets.prefixed(workspace));
        out.writeBytes(Packets.prefixed(worker));
        out.writeBytes(Packets.prefixed(device));
        return out.toByteArray();
    }
}
