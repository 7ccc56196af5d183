package dev.tendril.infra.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Thousands of open streams, read by one thread. Looks for marks `@number@` in what comes, in
/// server-sent events and in WebSocket frames alike.
final class Swarm implements AutoCloseable {
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress server;
    private final Seen seen;
    private final Selector selector = Selector.open();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    Swarm(URI server, Seen seen) throws IOException {
        this.server = new InetSocketAddress(server.getHost(), server.getPort());
        this.seen = seen;
        this.thread = Thread.ofPlatform().daemon().name("swarm").start(this::read);
    }

    /// Opens one more.
    ///
    /// @param request with its empty line at the end
    /// @param status of the answer that is expected
    void open(String request, int status) throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        channel.configureBlocking(false);
        channels.add(channel);
        channel.register(selector, SelectionKey.OP_READ, new Stream(status));
        selector.wakeup();
    }

    /// How many have been granted.
    int opened() {
        return opened.get();
    }

    /// How many were refused or ended.
    int broken() {
        return broken.get();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        for (SocketChannel channel : channels) {
            channel.close();
        }
        try {
            thread.join(5_000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
        try {
            while (!closed) {
                selector.select(1_000);
                for (SelectionKey key : selector.selectedKeys()) {
                    take(key, buffer);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            if (!closed) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void take(SelectionKey key, ByteBuffer buffer) {
        Stream stream = (Stream) key.attachment();
        buffer.clear();
        int count;
        try {
            count = ((SocketChannel) key.channel()).read(buffer);
        } catch (IOException _) {
            count = -1;
        }
        if (count < 0) {
            key.cancel();
            broken.incrementAndGet();
            return;
        }
        long now = System.nanoTime();
        buffer.flip();
        while (buffer.hasRemaining()) {
            stream.take(buffer.get(), now);
        }
    }

    private final class Stream {
        private final int status;
        private final StringBuilder first = new StringBuilder();
        private int headMatched;
        private boolean body;
        private boolean inMark;
        private int digits;
        private int number;

        Stream(int status) {
            this.status = status;
        }

        void take(byte b, long now) {
            if (!body) {
                head(b);
            } else if (b == '@') {
                if (inMark && digits > 0) {
                    inMark = false;
                    seen.mark(number, now);
                } else {
                    inMark = true;
                }
                number = 0;
                digits = 0;
            } else if (inMark) {
                if (b >= '0' && b <= '9') {
                    number = 10 * number + b - '0';
                    digits++;
                } else {
                    inMark = false;
                }
            }
        }

        private void head(byte b) {
            if (first.length() < 12) {
                first.append((char) b);
            }
            headMatched = b == HEAD_END[headMatched] ? headMatched + 1 : b == '\r' ? 1 : 0;
            if (headMatched == HEAD_END.length) {
                body = true;
                if (first.toString().endsWith(Integer.toString(status))) {
                    opened.incrementAndGet();
                } else {
                    broken.incrementAndGet();
                }
            }
        }
    }

    /// Hears of marks.
    @FunctionalInterface
    interface Seen {
        /// @param nanos when it was read
        void mark(int number, long nanos);
    }
}
