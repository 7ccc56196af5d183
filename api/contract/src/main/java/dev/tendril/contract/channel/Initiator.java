package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.Supplier;

/// The device's side of a handshake: [#open], then [#finish].
///
/// No command rides in the handshake: its first message can be replayed to the worker.
public final class Initiator implements AutoCloseable {

    private final Handshake handshake;
    private final Purpose purpose;
    private final String device;
    private final byte[] workerKey;
    private final byte[] psk;
    private final Limits limits;
    private final InstantSource clock;
    private long openedAt;

    private Initiator(
            StaticKey own,
            byte[] workerKey,
            byte[] psk,
            Prologue prologue,
            Limits limits,
            InstantSource clock,
            Supplier<byte[]> ephemerals) {
        this.handshake = Handshake.initiator(prologue.encode(), own, workerKey, ephemerals);
        this.purpose = prologue.purpose();
        this.device = prologue.device();
        this.workerKey = workerKey.clone();
        this.psk = psk.clone();
        this.limits = limits;
        this.clock = clock;
    }

    /// For an enrolled device.
    ///
    /// @param peer where and whom to reach, as it stood in the pairing link
    /// @param psk what the worker granted at pairing
    public static Initiator session(
            StaticKey own, WorkerAddress peer, byte[] psk, InstantSource clock) {
        return of(own, peer, psk, Purpose.SESSION, Limits.STANDARD, clock, Initiator::fresh);
    }

    /// For a new device, with the one-time secret of the link.
    public static Initiator pairing(StaticKey own, PairingLink link, InstantSource clock) {
        return of(
                own,
                link.address(),
                link.psk(),
                Purpose.PAIR,
                Limits.STANDARD,
                clock,
                Initiator::fresh);
    }

    static Initiator of(
            StaticKey own,
            WorkerAddress peer,
            byte[] psk,
            Purpose purpose,
            Limits limits,
            InstantSource clock,
            Supplier<byte[]> ephemerals) {
        return new Initiator(
                own, peer.workerKey(), psk, peer.prologue(purpose), limits, clock, ephemerals);
    }

    /// What [#open] or [#finish] came to.
    public sealed interface Outcome {
        /// Keys agreed; call [Channel#tick] and send what it returns.
        record Established(Channel channel) implements Outcome {}

        /// Send this, then give the answer to [#finish].
        record Opening(byte[] packet) implements Outcome {}

        /// Over: `handshake_failed`, `handshake_timeout`, `low_order_key` or a malformed answer.
        record Failed(CloseReason reason) implements Outcome {}
    }

    /// The first packet, 99 bytes and the device's identifier.
    public Outcome open() {
        openedAt = clock.millis();
        try {
            byte[] message = handshake.write1(new byte[0]);
            byte[] id = Packets.prefixed(device);
            return new Outcome.Opening(
                    ByteBuffer.allocate(4 + id.length + message.length)
                            .put((byte) Packets.OPEN)
                            .put((byte) Packets.VERSION)
                            .put((byte) Packets.SUITE)
                            .put((byte) purpose.code())
                            .put(id)
                            .put(message)
                            .array());
        } catch (Violation violation) {
            return failed(violation);
        }
    }

    /// Reads the worker's answer. The handshake is used up, whatever comes of it.
    public Outcome finish(byte[] packet) {
        try {
            if (clock.millis() - openedAt > limits.handshake().toMillis()) {
                throw new Violation(CloseReason.HANDSHAKE_TIMEOUT);
            }
            ByteBuffer in = ByteBuffer.wrap(packet);
            if (Packets.u8(in) != Packets.ACCEPT) {
                throw new Violation(CloseReason.MALFORMED);
            }
            if (Packets.u8(in) != Packets.VERSION || Packets.u8(in) != Packets.SUITE) {
                throw new Violation(CloseReason.UNSUPPORTED_VERSION);
            }
            if (in.remaining() != X25519.BYTES + CipherState.TAG_BYTES) {
                throw new Violation(CloseReason.MALFORMED);
            }
            handshake.read2(psk, Packets.bytes(in, in.remaining()));
            CipherState[] ciphers = handshake.split();
            return new Outcome.Established(
                    new Channel(
                            Side.DEVICE,
                            purpose,
                            workerKey,
                            handshake.hash(),
                            ciphers[0],
                            ciphers[1],
                            limits,
                            clock));
        } catch (Violation violation) {
            return failed(violation);
        } finally {
            close();
        }
    }

    /// Zeroes what is secret.
    @Override
    public void close() {
        handshake.close();
        Arrays.fill(psk, (byte) 0);
    }

    private static Outcome failed(Violation violation) {
        return new Outcome.Failed(
                violation.reason() == CloseReason.TAMPERED
                        ? CloseReason.HANDSHAKE_FAILED
                        : violation.reason());
    }

    static byte[] fresh() {
        byte[] key = new byte[X25519.BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }
}
