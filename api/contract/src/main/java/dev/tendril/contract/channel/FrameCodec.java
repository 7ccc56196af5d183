package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Frames as bytes: a type byte, then the fields in order. There is exactly one encoding of each
/// frame; everything else is refused.
final class FrameCodec {

    private static final int OPEN_STREAM = 0x01;
    private static final int CLOSE_STREAM = 0x02;
    private static final int DATA = 0x03;
    private static final int CREDIT = 0x04;
    private static final int PING = 0x05;
    private static final int PONG = 0x06;
    private static final int REKEY = 0x07;
    private static final int CLOSE = 0x08;
    private static final int PAIR_REQUEST = 0x10;
    private static final int PAIR_GRANT = 0x11;
    private static final int PAIR_DONE = 0x12;

    private static final int MAX_LABEL = 64;

    private FrameCodec() {}

    /// @throws IllegalArgumentException for a frame that the peer would refuse
    static byte[] encode(ChannelFrame frame) {
        if (frame instanceof ChannelFrame.Data data) {
            return data(data);
        }
        byte[] encoded =
                switch (frame) {
                    case ChannelFrame.OpenStream f ->
                            of(OPEN_STREAM, 9 + f.opening().length)
                                    .putInt(f.stream())
                                    .putShort((short) f.kind().code())
                                    .putShort((short) f.opening().length)
                                    .put(f.opening())
                                    .array();
                    case ChannelFrame.CloseStream f ->
                            of(CLOSE_STREAM, 6)
                                    .putInt(f.stream())
                                    .put((byte) f.end().code())
                                    .array();
                    case ChannelFrame.Data f -> data(f);
                    case ChannelFrame.Credit f ->
                            of(CREDIT, 13).putInt(f.stream()).putLong(f.total()).array();
                    case ChannelFrame.Ping f -> of(PING, 9).putLong(f.id()).array();
                    case ChannelFrame.Pong f ->
                            of(PONG, 41).putLong(f.id()).put(whole(f.chain())).array();
                    case ChannelFrame.Rekey f -> of(REKEY, 5).putInt(f.epoch()).array();
                    case ChannelFrame.Close f -> of(CLOSE, 2).put((byte) f.reason().code()).array();
                    case ChannelFrame.PairRequest f -> {
                        byte[] label = Packets.prefixed(f.label());
                        yield of(PAIR_REQUEST, 1 + label.length).put(label).array();
                    }
                    case ChannelFrame.PairGrant f ->
                            of(PAIR_GRANT, 35)
                                    .put(whole(f.psk()))
                                    .putShort((short) Scope.encode(f.scopes()))
                                    .array();
                    case ChannelFrame.PairDone _ -> of(PAIR_DONE, 1).array();
                };
        try {
            decode(encoded);
        } catch (Violation refused) {
            throw new IllegalArgumentException(
                    frame.getClass().getSimpleName() + " is " + refused.reason().wireName(),
                    refused);
        }
        return encoded;
    }

    static ChannelFrame decode(byte[] encoded) throws Violation {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        int type = Packets.u8(in);
        ChannelFrame frame =
                switch (type) {
                    case OPEN_STREAM -> {
                        int stream = Packets.u31(in, 1);
                        StreamKind kind = StreamKind.of(Packets.u16(in));
                        int length = Packets.u16(in);
                        if (length > Packets.MAX_OPENING_BYTES) {
                            throw new Violation(CloseReason.OVERSIZE);
                        }
                        yield new ChannelFrame.OpenStream(stream, kind, Packets.bytes(in, length));
                    }
                    case CLOSE_STREAM ->
                            new ChannelFrame.CloseStream(
                                    Packets.u31(in, 1), StreamEnd.of(Packets.u8(in)));
                    case DATA -> {
                        int stream = Packets.u31(in, 1);
                        int flags = Packets.u8(in);
                        if (flags > 1 || !in.hasRemaining()) {
                            throw new Violation(CloseReason.MALFORMED);
                        }
                        if (in.remaining() > Packets.MAX_DATA_BYTES) {
                            throw new Violation(CloseReason.OVERSIZE);
                        }
                        yield new ChannelFrame.Data(
                                stream, flags == 1, Packets.bytes(in, in.remaining()));
                    }
                    case CREDIT -> new ChannelFrame.Credit(Packets.u31(in, 1), Packets.u53(in));
                    case PING -> new ChannelFrame.Ping(Packets.u53(in));
                    case PONG ->
                            new ChannelFrame.Pong(Packets.u53(in), Packets.bytes(in, Hashes.BYTES));
                    case REKEY -> new ChannelFrame.Rekey(Packets.u31(in, 1));
                    case CLOSE -> new ChannelFrame.Close(CloseReason.of(Packets.u8(in)));
                    case PAIR_REQUEST -> new ChannelFrame.PairRequest(label(Packets.text(in)));
                    case PAIR_GRANT ->
                            new ChannelFrame.PairGrant(
                                    Packets.bytes(in, 32), Scope.decode(Packets.u16(in)));
                    case PAIR_DONE -> new ChannelFrame.PairDone();
                    default -> throw new Violation(CloseReason.UNKNOWN_TYPE);
                };
        Packets.end(in);
        return frame;
    }

    /// The frame, one byte `0x80`, and zeros up to a multiple of 32: what a keystroke weighs is
    /// hidden, and there is one way to write it (ISO/IEC 7816-4).
    static byte[] pad(byte[] frame) {
        int blocks = frame.length / Packets.BLOCK_BYTES + 1;
        byte[] padded = Arrays.copyOf(frame, blocks * Packets.BLOCK_BYTES);
        padded[frame.length] = (byte) 0x80;
        return padded;
    }

    static byte[] unpad(byte[] padded) throws Violation {
        int end = padded.length - 1;
        int least = Math.max(1, padded.length - Packets.BLOCK_BYTES);
        while (end > least && padded[end] == 0) {
            end--;
        }
        if (end < least || padded[end] != (byte) 0x80) {
            throw new Violation(CloseReason.MALFORMED);
        }
        return Arrays.copyOf(padded, end);
    }

    /// Checked here and not by decoding again, since data is what there is much of.
    private static byte[] data(ChannelFrame.Data f) {
        int length = f.bytes().length;
        if (f.stream() < 1 || length < 1 || length > Packets.MAX_DATA_BYTES) {
            throw new IllegalArgumentException("data of " + length + " bytes");
        }
        return of(DATA, 6 + length)
                .putInt(f.stream())
                .put((byte) (f.more() ? 1 : 0))
                .put(f.bytes())
                .array();
    }

    private static byte[] whole(byte[] bytes) {
        if (bytes.length != 32) {
            throw new IllegalArgumentException("32 bytes are needed");
        }
        return bytes;
    }

    private static String label(String label) throws Violation {
        int length = label.codePointCount(0, label.length());
        if (length < 1 || length > MAX_LABEL || label.codePoints().anyMatch(FrameCodec::misleads)) {
            throw new Violation(CloseReason.MALFORMED);
        }
        return label;
    }

    /// Control, invisible and direction-changing characters: a label is shown to the person who
    /// decides about a pairing.
    private static boolean misleads(int c) {
        return c < 0x20
                || (c >= 0x7f && c < 0xa0)
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x206f)
                || c == 0xfeff;
    }

    private static ByteBuffer of(int type, int bytes) {
        return ByteBuffer.allocate(bytes).put((byte) type);
    }
}
