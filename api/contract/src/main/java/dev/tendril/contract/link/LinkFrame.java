package dev.tendril.contract.link;

import java.nio.ByteBuffer;

/// One binary message on a worker's link. Closed: no frame carries a command, a path, an address or
/// a setting, so a relay can connect, carry and cut, and nothing else.
///
/// A type byte, then big-endian fields; a byte too few or too many makes it no frame.
public sealed interface LinkFrame {

    /// The subprotocol of both ends of a link.
    String PROTOCOL = "tendril.link.v1";

    /// The largest packet of a device, the same as the channel's largest record.
    int MAX_PACKET_BYTES = 61_520;

    /// The largest message: a packet and its head.
    int MAX_BYTES = MAX_PACKET_BYTES + 5;

    /// `01`, relay to worker: a device came.
    ///
    /// @param connection chosen by the relay, from 1, never used twice on one link
    record Opened(int connection) implements LinkFrame {}

    /// `02`, both ways: a packet of that device, or for it. Not copied.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Packet(int connection, byte[] bytes) implements LinkFrame {}

    /// `03`, both ways: the device is gone, or shall be.
    ///
    /// @param code the close code that the device gave or gets, see [LinkCode]
    record Closed(int connection, int code) implements LinkFrame {}

    /// `04`, both ways, every 6 s. Whoever hears nothing for 18 s gives the link up.
    record Ping(long id) implements LinkFrame {}

    /// `05`: answers a ping.
    record Pong(long id) implements LinkFrame {}

    /// The message.
    default byte[] encode() {
        return switch (this) {
            case Opened f -> head(1, 4, f.connection()).array();
            case Packet f -> head(2, 4 + f.bytes().length, f.connection()).put(f.bytes()).array();
            case Closed f -> head(3, 6, f.connection()).putShort((short) f.code()).array();
            case Ping f -> ByteBuffer.allocate(9).put((byte) 4).putLong(f.id()).array();
            case Pong f -> ByteBuffer.allocate(9).put((byte) 5).putLong(f.id()).array();
        };
    }

    /// Reads a message.
    ///
    /// @throws IllegalArgumentException for anything that [#encode] would not write
    static LinkFrame decode(byte[] message) {
        if (message.length < 5 || message.length > MAX_BYTES) {
            throw new IllegalArgumentException("a frame of " + message.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(message);
        int type = in.get();
        if (type == 4 || type == 5) {
            require(message.length == 9);
            return type == 4 ? new Ping(in.getLong()) : new Pong(in.getLong());
        }
        int connection = in.getInt();
        require(connection > 0);
        switch (type) {
            case 1 -> {
                require(!in.hasRemaining());
                return new Opened(connection);
            }
            case 2 -> {
                require(in.hasRemaining());
                byte[] bytes = new byte[in.remaining()];
                in.get(bytes);
                return new Packet(connection, bytes);
            }
            case 3 -> {
                require(in.remaining() == 2);
                return new Closed(connection, in.getShort() & 0xffff);
            }
            default -> throw new IllegalArgumentException("type " + type);
        }
    }

    private static ByteBuffer head(int type, int length, int connection) {
        return ByteBuffer.allocate(1 + length).put((byte) type).putInt(connection);
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("a broken frame");
        }
    }
}
