package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Seals one direction: each frame becomes the next record.
///
/// The header is the AEAD's associated data, the counter its nonce. The counter counts the whole
/// session; a rekey changes the key and the epoch, not the counter.
final class RecordSealer implements AutoCloseable {

    private final CipherState cipher;
    private final byte[] session;
    private final int direction;
    private final Limits limits;
    private final Transcript transcript;
    private int epoch;
    private long counter;
    private long epochCounter;
    private long epochStart;

    RecordSealer(
            CipherState cipher, byte[] session, Side sender, Limits limits, Transcript transcript) {
        this.cipher = cipher;
        this.session = session;
        this.direction = sender.code();
        this.limits = limits;
        this.transcript = transcript;
    }

    /// Whether only a `Rekey` or a `Close` may be the next record.
    boolean rekeyDue(long now) {
        return counter - epochCounter >= limits.rekeyRecords() - 1
                || now - epochStart >= limits.rekeyAge().toMillis();
    }

    byte[] seal(byte[] frame, long now) {
        byte[] header =
                ByteBuffer.allocate(Packets.HEADER_BYTES)
                        .put((byte) Packets.RECORD)
                        .put((byte) Packets.VERSION)
                        .put((byte) Packets.SUITE)
                        .put((byte) direction)
                        .put(session)
                        .putInt(epoch)
                        .putLong(counter)
                        .putLong(now + limits.lifetime().toMillis())
                        .array();
        byte[] sealed = cipher.encrypt(counter, header, FrameCodec.pad(frame));
        counter++;
        byte[] packet = Arrays.copyOf(header, header.length + sealed.length);
        System.arraycopy(sealed, 0, packet, header.length, sealed.length);
        transcript.add(packet);
        return packet;
    }

    /// The epoch that a `Rekey` announces.
    int nextEpoch() {
        return epoch + 1;
    }

    /// Goes on under the next key. The `Rekey` was the last record under the old one.
    void rekey(long now) {
        cipher.rekey();
        epoch++;
        epochCounter = counter;
        epochStart = now;
    }

    @Override
    public void close() {
        cipher.close();
    }
}
