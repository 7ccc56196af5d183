package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// The sizes of the wire and its few common encodings. All numbers are big-endian.
final class Packets {

    static final int VERSION = 1;

    /// `Noise_IKpsk2_25519_AESGCM_SHA256`, the only suite of version 1.
    static final int SUITE = 1;

    static final int OPEN = 1;
    static final int ACCEPT = 2;
    static final int RECORD = 3;

    /// Ephemeral key, sealed static key, tag of the empty payload.
    static final int OPEN_MESSAGE_BYTES = X25519.BYTES + X25519.BYTES + 2 * CipherState.TAG_BYTES;

    static final int HEADER_BYTES = 32;
    static final int BLOCK_BYTES = 32;
    static final int MAX_DATA_BYTES = 60 << 10;
    static final int MAX_OPENING_BYTES = 1024;
    static final int MAX_PLAINTEXT_BYTES = MAX_DATA_BYTES + BLOCK_BYTES;
    static final int MAX_BYTES = HEADER_BYTES + MAX_PLAINTEXT_BYTES + CipherState.TAG_BYTES;
    static final int MAX_STREAMS = 256;

    /// The largest whole number that every language of ours holds exactly.
    static final long MAX_NUMBER = (1L << 53) - 1;

    private Packets() {}

    /// A string as its length in two bytes and its UTF-8.
    static byte[] prefixed(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + utf8.length).putShort((short) utf8.length).put(utf8).array();
    }

    static byte[] bytes(ByteBuffer in, int count) throws Violation {
        if (count > in.remaining()) {
            throw new Violation(CloseReason.MALFORMED);
        }
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    static int u8(ByteBuffer in) throws Violation {
        need(in, 1);
        return in.get() & 0xff;
    }

    static int u16(ByteBuffer in) throws Violation {
        need(in, 2);
        return in.getShort() & 0xffff;
    }

    /// A number of four bytes, at least `least` and below 2^31.
    static int u31(ByteBuffer in, int least) throws Violation {
        need(in, 4);
        int value = in.getInt();
        if (value < least) {
            throw new Violation(CloseReason.MALFORMED);
        }
        return value;
    }

    /// A number of eight bytes below 2^53.
    static long u53(ByteBuffer in) throws Violation {
        need(in, 8);
        long value = in.getLong();
        if (value < 0 || value > MAX_NUMBER) {
            throw new Violation(CloseReason.MALFORMED);
        }
        return value;
    }

    static String text(ByteBuffer in) throws Violation {
        byte[] utf8 = bytes(in, u16(in));
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Violation(CloseReason.MALFORMED);
        }
    }

    static void end(ByteBuffer in) throws Violation {
        if (in.hasRemaining()) {
            throw new Violation(CloseReason.MALFORMED);
        }
    }

    private static void need(ByteBuffer in, int count) throws Violation {
        if (in.remaining() < count) {
            throw new Violation(CloseReason.MALFORMED);
        }
    }
}
