package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Channel;
import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.Received;
import dev.tendril.contract.channel.Side;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.contract.channel.StreamKind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A [Channel] over a transport, for many threads: records leave in the order in which they were
/// sealed. The same for a worker and for a device.
public final class ChannelLine {

    private final Channel channel;
    private final Side side;
    private final Transport transport;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Integer, ChannelStream> streams = new ConcurrentHashMap<>();
    private volatile boolean over;

    /// Takes packets, in order; may wait.
    public interface Transport {
        /// Sends one packet.
        void send(byte[] packet) throws InterruptedException;
    }

    /// @param side which one this is
    public ChannelLine(Channel channel, Side side, Transport transport) {
        this.channel = channel;
        this.side = side;
        this.transport = transport;
    }

    /// The channel; only to ask, never to send.
    public Channel channel() {
        return channel;
    }

    /// Why it is over, or null.
    public @Nullable CloseReason closed() {
        lock.lock();
        try {
            return channel.closed();
        } finally {
            lock.unlock();
        }
    }

    /// Takes the next packet. Data and ends of streams go to their [ChannelStream]s.
    ///
    /// @return a frame that is nobody's: of pairing, or a new stream; else null
    public @Nullable ChannelFrame receive(byte[] packet) throws InterruptedException {
        Received received;
        lock.lockInterruptibly();
        try {
            received = channel.receive(packet);
            send(received.replies());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return received instanceof Received.Delivered delivered ? deliver(delivered.frame()) : null;
    }

    private @Nullable ChannelFrame deliver(ChannelFrame frame) throws InterruptedException {
        switch (frame) {
            case ChannelFrame.Data f -> {
                ChannelStream stream = streams.get(f.stream());
                if (stream != null && !stream.data(f)) {
                    stream.close(StreamEnd.LIMIT);
                }
            }
            case ChannelFrame.CloseStream f -> {
                ChannelStream stream = streams.remove(f.stream());
                if (stream != null) {
                    stream.gone(f.end());
                }
            }
            case ChannelFrame.OpenStream _,
                    ChannelFrame.PairRequest _,
                    ChannelFrame.PairGrant _,
                    ChannelFrame.PairDone _ -> {
                return frame;
            }
            case ChannelFrame.Credit _,
                    ChannelFrame.Ping _,
                    ChannelFrame.Pong _,
                    ChannelFrame.Rekey _,
                    ChannelFrame.Close _ -> {}
        }
        return null;
    }

    /// Does what time asks for; about twice a second.
    public void tick() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            send(channel.tick());
        } finally {
            lock.unlock();
        }
    }

    /// A stream that the peer opened.
    ChannelStream accept(ChannelFrame.OpenStream frame) {
        ChannelStream stream = new ChannelStream(this, frame.stream(), frame.kind(), side);
        streams.put(frame.stream(), stream);
        return stream;
    }

    /// Opens a stream.
    ///
    /// @param reader takes what comes
    /// @throws IllegalStateException when the channel is over
    public ChannelStream open(StreamKind kind, byte[] opening, ChannelStream.Reader reader)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            int id = channel.nextStream();
            ChannelStream stream = new ChannelStream(this, id, kind, side);
            stream.reader(reader);
            List<byte[]> packets = channel.send(new ChannelFrame.OpenStream(id, kind, opening));
            streams.put(id, stream);
            send(packets);
            return stream;
        } finally {
            lock.unlock();
        }
    }

    void forget(int stream) {
        streams.remove(stream);
    }

    long sendable(int stream) {
        lock.lock();
        try {
            return over || channel.closed() != null ? 0 : channel.sendable(stream);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the stream may send.
    ///
    /// @return bytes, or 0 when it is over
    long awaitCredit(ChannelStream stream, int id) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!over && !stream.isOver() && channel.closed() == null) {
                long room = channel.sendable(id);
                if (room > 0) {
                    return room;
                }
                changed.await(1, TimeUnit.SECONDS);
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }

    /// Seals and sends.
    ///
    /// @return false when the channel or the stream is over: the frame is dropped
    public boolean send(ChannelFrame frame) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (over || channel.closed() != null) {
                return false;
            }
            List<byte[]> packets;
            try {
                packets = channel.send(frame);
            } catch (IllegalStateException e) {
                return false;
            }
            send(packets);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Ends the channel in order.
    public void close(CloseReason reason) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            send(channel.close(reason));
        } finally {
            lock.unlock();
        }
    }

    /// The transport is gone, or the channel is: everything on it ends.
    public void over() {
        lock.lock();
        try {
            over = true;
            channel.cut();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (ChannelStream stream : streams.values()) {
            stream.gone(StreamEnd.FAILED);
        }
        streams.clear();
    }

    private void send(List<byte[]> packets) throws InterruptedException {
        for (byte[] packet : packets) {
            transport.send(packet);
        }
    }
}
