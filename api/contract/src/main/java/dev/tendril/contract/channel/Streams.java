package dev.tendril.contract.channel;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The open streams of one channel, as one side sees them.
///
/// ```
/// opened ──▶ OPEN ── I close ──▶ CLOSING ── peer's close ──▶ gone
///              └── peer closes, I answer ────────────────────▶ gone
/// ```
final class Streams {

    private final Side own;
    private final Map<Integer, Stream> open = new HashMap<>();
    private int lastOwn;
    private int lastTheirs;

    Streams(Side own) {
        this.own = own;
    }

    /// The identifier of the next stream that this side opens.
    int nextId() {
        return lastOwn == 0 ? first(own) : lastOwn + 2;
    }

    /// This side opens.
    ///
    /// @throws IllegalStateException if it may not
    void opening(ChannelFrame.OpenStream frame) {
        if (frame.kind().opener() != own
                || frame.stream() != nextId()
                || open.size() >= Packets.MAX_STREAMS) {
            throw new IllegalStateException("stream " + frame.stream() + " cannot be opened");
        }
        lastOwn = frame.stream();
        open.put(frame.stream(), new Stream(frame.kind(), own));
    }

    void opened(ChannelFrame.OpenStream frame) throws Violation {
        require(frame.kind().opener() != own, CloseReason.STREAM_STATE);
        require(
                frame.stream() == (lastTheirs == 0 ? first(own.other()) : lastTheirs + 2),
                CloseReason.STREAM_STATE);
        require(open.size() < Packets.MAX_STREAMS, CloseReason.TOO_MANY_STREAMS);
        lastTheirs = frame.stream();
        open.put(frame.stream(), new Stream(frame.kind(), own));
    }

    /// This side sends data.
    ///
    /// @throws IllegalStateException without a stream or credit
    void sending(ChannelFrame.Data frame) {
        Stream stream = mine(frame.stream());
        if (frame.bytes().length > stream.sendLimit - stream.sent) {
            throw new IllegalStateException("no credit on stream " + frame.stream());
        }
        stream.sent += frame.bytes().length;
    }

    /// Whether the data goes to the caller; not if it crossed a close.
    boolean received(ChannelFrame.Data frame) throws Violation {
        Stream stream = theirs(frame.stream());
        require(
                frame.bytes().length <= stream.receiveLimit - stream.received,
                CloseReason.CREDIT_EXCEEDED);
        stream.received += frame.bytes().length;
        return !stream.closing;
    }

    /// This side grants.
    ///
    /// @throws IllegalStateException without a stream, or for less than before
    void granting(ChannelFrame.Credit frame) {
        Stream stream = mine(frame.stream());
        if (frame.total() < stream.receiveLimit) {
            throw new IllegalStateException("credit cannot be taken back");
        }
        stream.receiveLimit = frame.total();
    }

    void granted(ChannelFrame.Credit frame) throws Violation {
        Stream stream = theirs(frame.stream());
        require(frame.total() >= stream.sendLimit, CloseReason.STREAM_STATE);
        stream.sendLimit = frame.total();
    }

    /// This side closes.
    ///
    /// @throws IllegalStateException if it is not open
    void closing(int id) {
        mine(id).closing = true;
    }

    /// Whether the peer's close is news and wants an answer; not if this side closed first.
    boolean closed(int id) throws Violation {
        Stream stream = theirs(id);
        open.remove(id);
        return !stream.closing;
    }

    /// Bytes that may be sent now; 0 for a stream that is not open.
    long sendable(int id) {
        Stream stream = open.get(id);
        return stream == null || stream.closing ? 0 : stream.sendLimit - stream.sent;
    }

    /// Bytes received so far; 0 for a stream that is not open.
    long received(int id) {
        Stream stream = open.get(id);
        return stream == null ? 0 : stream.received;
    }

    int count() {
        return open.size();
    }

    private Stream mine(int id) {
        Stream stream = open.get(id);
        if (stream == null || stream.closing) {
            throw new IllegalStateException("stream " + id + " is not open");
        }
        return stream;
    }

    private Stream theirs(int id) throws Violation {
        @Nullable Stream stream = open.get(id);
        if (stream == null) {
            throw new Violation(CloseReason.STREAM_STATE);
        }
        return stream;
    }

    private static int first(Side side) {
        return side == Side.DEVICE ? 1 : 2;
    }

    private static void require(boolean holds, CloseReason otherwise) throws Violation {
        if (!holds) {
            throw new Violation(otherwise);
        }
    }

    private static final class Stream {
        private long sent;
        private long sendLimit;
        private long received;
        private long receiveLimit;
        private boolean closing;

        Stream(StreamKind kind, Side own) {
            sendLimit = kind.window(own);
            receiveLimit = kind.window(own.other());
        }
    }
}
