package dev.tendril.worker.link;

import dev.tendril.contract.link.LinkFrame;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One WebSocket in blocking style: whole binary messages in and out, at most 2 MiB waiting. Used
/// by the worker for its link and by a device for its connection.
public final class LinkSocket implements WebSocket.Listener {

    private static final int MOST_BYTES = 2 << 20;
    private static final int SEND_SECONDS = 18;

    private final Runnable opened;
    private final Consumer<byte[]> receiver;
    private final Semaphore room = new Semaphore(MOST_BYTES);
    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private volatile long heardNanos = System.nanoTime();
    private volatile int code = 1006;
    private volatile String reason = "";
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Thread writer;

    /// @param opened called before the first message is read
    /// @param receiver gets each message, in order, one at a time
    public LinkSocket(Runnable opened, Consumer<byte[]> receiver) {
        this.opened = opened;
        this.receiver = receiver;
    }

    @Override
    public void onOpen(WebSocket to) {
        socket = to;
        opened.run();
        writer = Thread.ofVirtual().name("link-writer").start(() -> write(to));
        to.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        heardNanos = System.nanoTime();
        if (partial.size() + data.remaining() > LinkFrame.MAX_BYTES) {
            abort();
            return null;
        }
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        if (last) {
            byte[] message = partial.toByteArray();
            partial.reset();
            receiver.accept(message);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        abort();
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String text) {
        code = status;
        reason = text;
        end();
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end();
    }

    /// Queues a message; waits while 2 MiB wait already. Nothing happens once the socket is over.
    public void send(byte[] message) throws InterruptedException {
        while (!room.tryAcquire(message.length, 1, TimeUnit.SECONDS)) {
            if (isOver()) {
                return;
            }
        }
        if (isOver()) {
            room.release(message.length);
        } else {
            queue.add(message);
        }
    }

    /// Queues a message if there is room, for what must not wait.
    void offer(byte[] message) {
        if (room.tryAcquire(message.length)) {
            queue.add(message);
        }
    }

    /// Ends it in order, after what is queued, within 2 s.
    public void close(int status) throws InterruptedException {
        WebSocket open = socket;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (room.availablePermits() < MOST_BYTES && !isOver() && System.nanoTime() - until < 0) {
            over.await(5, TimeUnit.MILLISECONDS);
        }
        if (open != null && !isOver()) {
            open.sendClose(status, "");
            over.await(1, TimeUnit.SECONDS);
        }
        abort();
    }

    /// Ends it at once.
    public void abort() {
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
        end();
    }

    /// Whether it is over.
    public boolean isOver() {
        return over.getCount() == 0;
    }

    /// Waits for the end.
    ///
    /// @return false if it did not come in time
    public boolean awaitEnd(long millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }

    /// Since when nothing came, on the monotonic clock.
    public long heardNanos() {
        return heardNanos;
    }

    /// The close code; 1006 when there was none.
    public int code() {
        return code;
    }

    /// The close reason, possibly empty.
    public String reason() {
        return reason;
    }

    private void end() {
        over.countDown();
        Thread thread = writer;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void write(WebSocket to) {
        try {
            while (!isOver()) {
                byte[] message = queue.take();
                to.sendBinary(ByteBuffer.wrap(message), true).get(SEND_SECONDS, TimeUnit.SECONDS);
                room.release(message.length);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            abort();
        }
    }
}
