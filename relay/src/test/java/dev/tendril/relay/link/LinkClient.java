package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkFrame;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One end of a link in a test: a worker, or a device.
final class LinkClient implements WebSocket.Listener, AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final WebSocket socket;

    LinkClient(URI relay, String path, String... headers) {
        var builder = HTTP.newWebSocketBuilder().subprotocols(LinkFrame.PROTOCOL);
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        URI at = URI.create(relay.toString().replaceFirst("^http", "ws") + path);
        socket = builder.buildAsync(at, this).join();
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        if (last) {
            // A device's first message is empty: now it may speak.
            if (partial.size() > 0) {
                messages.add(partial.toByteArray());
            }
            partial.reset();
            ready.complete(true);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code + " " + reason);
        ready.complete(false);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.complete("error " + error);
    }

    /// Sends once the relay has spoken.
    void send(byte[] message) {
        ready.orTimeout(10, TimeUnit.SECONDS).join();
        socket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    void send(LinkFrame frame) {
        send(frame.encode());
    }

    /// The next message, which must come within 10 s.
    byte[] next() throws InterruptedException {
        byte[] message = messages.poll(10, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing came; closed: " + closed.getNow("no"));
        }
        return message;
    }

    /// The next frame that is no ping.
    LinkFrame frame() throws InterruptedException {
        LinkFrame frame = LinkFrame.decode(next());
        return frame instanceof LinkFrame.Ping ? frame() : frame;
    }

    /// Close code and reason, which must come within 10 s.
    String closed() throws Exception {
        return closed.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        if (!socket.isOutputClosed()) {
            socket.sendClose(1000, "").exceptionally(_ -> socket).join();
        }
        socket.abort();
    }
}
