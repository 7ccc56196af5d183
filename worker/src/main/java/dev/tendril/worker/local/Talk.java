package dev.tendril.worker.local;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A conversation over a local socket: one JSON object a line, both ways.
public final class Talk implements AutoCloseable {

    private final SocketChannel channel;
    private final BufferedReader in;
    private final OutputStream out;

    Talk(SocketChannel channel) {
        this.channel = channel;
        this.in =
                new BufferedReader(
                        new InputStreamReader(
                                Channels.newInputStream(channel), StandardCharsets.UTF_8));
        this.out = Channels.newOutputStream(channel);
    }

    /// Says one object.
    public void say(Map<String, ?> object) throws IOException {
        byte[] line = (Json.write(object) + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            out.write(line);
            out.flush();
        }
    }

    /// The next object, or null when the other side is gone.
    public @Nullable Map<String, @Nullable Object> hear() throws IOException {
        String line = in.readLine();
        if (line == null) {
            return null;
        }
        try {
            return Json.readObject(line);
        } catch (BadJson e) {
            throw new IOException("not one of ours", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
