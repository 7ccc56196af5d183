package dev.tendril.relay.stream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// What waits to be written to one browser. Takes from any thread, hands out one piece at a time as
/// the connection asks for it.
final class Outbox implements Publisher<byte[]>, Subscription {

    private final Deque<Piece> pieces = new ArrayDeque<>();
    private final AtomicInteger draining = new AtomicInteger();
    private final Connection connection;
    private final Runnable emptied;
    private final Runnable closed;
    private @Nullable Subscriber<? super byte[]> subscriber;
    private long demand;
    private int frames;
    private int bytes;
    private boolean ended;
    private boolean over;
    private @Nullable Throwable failure;
    private long movedNanos = System.nanoTime();

    /// @param connection runs what is handed out, one after the other: the connection's own thread,
    ///   so that nothing is handed to a connection that has just been closed
    /// @param emptied runs when the last piece was handed out; must return at once
    /// @param closed runs once, when nothing more will be handed out
    Outbox(Connection connection, Runnable emptied, Runnable closed) {
        this.connection = connection;
        this.emptied = emptied;
        this.closed = closed;
    }

    /// Adds a piece with so many frames; nothing after [#end].
    void offer(byte[] piece, int count) {
        synchronized (this) {
            if (ended) {
                return;
            }
            if (pieces.isEmpty()) {
                movedNanos = System.nanoTime();
            }
            pieces.add(new Piece(piece, count));
            frames += count;
            bytes += piece.length;
        }
        drain();
    }

    /// Ends the answer behind what was offered.
    void end() {
        synchronized (this) {
            ended = true;
        }
        drain();
    }

    /// Ends the connection at once.
    void cut(String reason) {
        synchronized (this) {
            if (over) {
                return;
            }
            ended = true;
            pieces.clear();
            failure = new ReaderCut(reason);
        }
        drain();
    }

    synchronized boolean ended() {
        return ended || over;
    }

    synchronized boolean empty() {
        return pieces.isEmpty();
    }

    /// Frames that were offered and not yet handed out.
    synchronized int frames() {
        return frames;
    }

    /// Bytes that were offered and not yet handed out.
    synchronized int bytes() {
        return bytes;
    }

    /// Nanoseconds since something was handed out, while something waits; since the last piece
    /// otherwise.
    synchronized long stillNanos() {
        return System.nanoTime() - movedNanos;
    }

    @Override
    public void subscribe(Subscriber<? super byte[]> newSubscriber) {
        synchronized (this) {
            if (subscriber != null) {
                throw new IllegalStateException("an outbox has one reader");
            }
            subscriber = newSubscriber;
        }
        newSubscriber.onSubscribe(this);
        drain();
    }

    @Override
    public void request(long n) {
        synchronized (this) {
            demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        }
        drain();
    }

    @Override
    public void cancel() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            ended = true;
            pieces.clear();
        }
        closed.run();
    }

    private void drain() {
        if (draining.getAndIncrement() != 0) {
            return;
        }
        try {
            connection.execute(this::handOut);
        } catch (RejectedExecutionException _) {
            cancel();
        }
    }

    private void handOut() {
        int missed = 1;
        do {
            if (!connection.isOpen()) {
                // The server has let go of the answer, perhaps before it took it up.
                cancel();
            }
            while (step()) {}
            missed = draining.addAndGet(-missed);
        } while (missed != 0);
    }

    /// Hands out one piece, or the end.
    ///
    /// @return false when there is nothing to do now
    private boolean step() {
        Subscriber<? super byte[]> to;
        Piece piece = null;
        Throwable cause;
        boolean last;
        synchronized (this) {
            to = subscriber;
            if (over || to == null && failure == null) {
                return false;
            }
            cause = failure;
            if (to != null && cause == null && !pieces.isEmpty()) {
                if (demand == 0) {
                    return false;
                }
                piece = pieces.remove();
                frames -= piece.frames();
                bytes -= piece.bytes().length;
                demand--;
                movedNanos = System.nanoTime();
            } else if (cause == null && !ended) {
                return false;
            } else {
                over = true;
            }
            last = pieces.isEmpty();
        }
        if (to == null || piece == null) {
            if (to != null && cause == null) {
                to.onComplete();
            } else if (to != null && cause != null) {
                to.onError(cause);
            }
            closed.run();
            return false;
        }
        to.onNext(piece.bytes());
        if (last) {
            emptied.run();
        }
        return true;
    }

    /// What an outbox writes to.
    interface Connection extends Executor {
        /// Asked on its own thread, on which it also closes.
        boolean isOpen();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Piece(byte[] bytes, int frames) {}
}
