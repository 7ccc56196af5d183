package dev.tendril.worker.channel;

import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.Side;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.contract.channel.StreamKind;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One open stream of a channel, carrying whole messages. Thread-safe.
public final class ChannelStream {

    /// The longest message of a device: what the worker keeps for it.
    private static final int MOST_FROM_DEVICE = 256 << 10;

    /// The longest message of a worker: a snapshot of a large screen.
    private static final int MOST_FROM_WORKER = 16 << 20;

    private static final int CHUNK = 60 << 10;

    private final ChannelLine line;
    private final int id;
    private final int window;
    private final int mostBytes;
    private final ReentrantLock sending = new ReentrantLock();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private @Nullable Reader reader;
    private long consumed;
    private long granted;
    private volatile boolean over;

    /// What comes from the other side.
    public interface Reader {
        /// A whole message. May take its time: only this channel waits.
        void message(byte[] message) throws InterruptedException;

        /// The stream is over, whoever ended it.
        void closed(StreamEnd end);
    }

    ChannelStream(ChannelLine line, int id, StreamKind kind, Side side) {
        this.line = line;
        this.id = id;
        this.window = kind.window(side.other());
        this.mostBytes = side == Side.WORKER ? MOST_FROM_DEVICE : MOST_FROM_WORKER;
        this.granted = window;
    }

    void reader(Reader takes) {
        reader = takes;
    }

    /// Bytes that may be sent now without waiting.
    public long sendable() {
        return over ? 0 : line.sendable(id);
    }

    /// Whether it has ended.
    public boolean isOver() {
        return over;
    }

    /// Sends a message of at least one byte; waits for the other side's credit.
    ///
    /// @return false when the stream ended before all of it was sent
    public boolean send(byte[] message) throws InterruptedException {
        sending.lockInterruptibly();
        try {
            int at = 0;
            do {
                long room = line.awaitCredit(this, id);
                int length = (int) Math.min(Math.min(CHUNK, room), message.length - at);
                if (over || room == 0) {
                    return false;
                }
                boolean more = at + length < message.length;
                byte[] part = Arrays.copyOfRange(message, at, at + length);
                if (!line.send(new ChannelFrame.Data(id, more, part))) {
                    return false;
                }
                at += length;
            } while (at < message.length);
            return true;
        } finally {
            sending.unlock();
        }
    }

    /// So many bytes of messages take no room any more: the other side may send as many again. A
    /// reader calls it; parts of a message that has not come whole are seen to here.
    public void consumed(int bytes) throws InterruptedException {
        long total;
        synchronized (this) {
            consumed += bytes;
            if (over || consumed + window - granted < window / 8) {
                return;
            }
            granted = consumed + window;
            total = granted;
        }
        line.send(new ChannelFrame.Credit(id, total));
    }

    /// Ends the stream.
    public void close(StreamEnd end) throws InterruptedException {
        if (!over) {
            line.forget(id);
            line.send(new ChannelFrame.CloseStream(id, end));
            gone(end);
        }
    }

    /// @return false when the message grows too long
    boolean data(ChannelFrame.Data data) throws InterruptedException {
        if (partial.size() + data.bytes().length > mostBytes) {
            return false;
        }
        partial.writeBytes(data.bytes());
        if (data.more()) {
            // A message may be longer than the window: its parts are granted again as they come.
            if (partial.size() > window / 2) {
                early(data.bytes().length);
            }
            return true;
        }
        byte[] message = partial.toByteArray();
        partial.reset();
        synchronized (this) {
            consumed -= ahead;
            ahead = 0;
        }
        Reader takes = reader;
        if (takes != null) {
            takes.message(message);
        }
        return true;
    }

    private int ahead;

    private void early(int bytes) throws InterruptedException {
        synchronized (this) {
            ahead += bytes;
        }
        consumed(bytes);
    }

    void gone(StreamEnd end) {
        over = true;
        Reader takes = reader;
        reader = null;
        if (takes != null) {
            takes.closed(end);
        }
    }
}
