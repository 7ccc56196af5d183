package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Opens one direction: accepts a packet only if it is exactly the next record of this session.
///
/// The header is compared before the key is used, so that each deviation has its own name; what the
/// header claims is believed only after the tag was verified.
final class RecordOpener implements AutoCloseable {

    private final CipherState cipher;
    private final byte[] session;
    private final int direction;
    private final Limits limits;
    private final Transcript transcript;
    private int epoch;
    private long counter;
    private long epochCounter;
    private long epochStart;

    RecordOpener(
            CipherState cipher, byte[] session, Side sender, Limits limits, Transcript transcript) {
        this.cipher = cipher;
        this.session = session;
        this.direction = sender.code();
        this.limits = limits;
        this.transcript = transcript;
    }

    /// The encoded frame.
    ///
    /// @throws Violation when the packet is anything but the next record in time
    byte[] open(byte[] packet, long now) throws Violation {
        int body = packet.length - Packets.HEADER_BYTES - CipherState.TAG_BYTES;
        require(packet.length <= Packets.MAX_BYTES, CloseReason.OVERSIZE);
        require(
                body >= Packets.BLOCK_BYTES && body % Packets.BLOCK_BYTES == 0,
                CloseReason.MALFORMED);
        ByteBuffer in = ByteBuffer.wrap(packet);
        require(Packets.u8(in) == Packets.RECORD, CloseReason.MALFORMED);
        require(Packets.u8(in) == Packets.VERSION, CloseReason.UNSUPPORTED_VERSION);
        require(Packets.u8(in) == Packets.SUITE, CloseReason.UNSUPPORTED_VERSION);
        require(Packets.u8(in) == direction, CloseReason.WRONG_DIRECTION);
        require(
                Arrays.equals(Packets.bytes(in, session.length), session),
                CloseReason.OTHER_SESSION);
        int claimedEpoch = in.getInt();
        long claimedCounter = in.getLong();
        long expires = in.getLong();
        int order = Long.compareUnsigned(claimedCounter, counter);
        require(order >= 0, CloseReason.REPLAYED);
        require(order == 0, CloseReason.GAP);
        require(claimedEpoch == epoch, CloseReason.WRONG_EPOCH);
        require(counter - epochCounter < limits.rekeyRecords(), CloseReason.REKEY_OVERDUE);

        byte[] padded =
                cipher.decrypt(
                        counter,
                        Arrays.copyOf(packet, Packets.HEADER_BYTES),
                        packet,
                        Packets.HEADER_BYTES,
                        packet.length - Packets.HEADER_BYTES);
        require(expires >= 0 && expires <= Packets.MAX_NUMBER, CloseReason.MALFORMED);
        require(now <= expires, CloseReason.EXPIRED);
        counter++;
        transcript.add(packet);
        return FrameCodec.unpad(padded);
    }

    /// Whether the key in use is older than its sender may leave it.
    boolean rekeyOverdue(long now) {
        return now - epochStart > limits.rekeyAge().toMillis() + limits.rekeyGrace().toMillis();
    }

    /// Follows the sender to its next key.
    ///
    /// @throws Violation `wrong_epoch` unless it is the next one
    void rekey(int announced, long now) throws Violation {
        require(announced == epoch + 1, CloseReason.WRONG_EPOCH);
        cipher.rekey();
        epoch = announced;
        epochCounter = counter;
        epochStart = now;
    }

    @Override
    public void close() {
        cipher.close();
    }

    private static void require(boolean holds, CloseReason otherwise) throws Violation {
        if (!holds) {
            throw new Violation(otherwise);
        }
    }
}
