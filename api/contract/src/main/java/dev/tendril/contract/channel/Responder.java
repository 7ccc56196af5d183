package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.function.Supplier;

/// The worker's side of a handshake: [#read] tells who asks, [#accept] answers.
///
/// Reading proves only that somebody once made this message with the device's key: it may be a
/// replay. The channel is confirmed by the device's first record, and says nothing before.
public final class Responder implements AutoCloseable {

    private final StaticKey own;
    private final String relay;
    private final String workspace;
    private final String worker;
    private final Limits limits;
    private final InstantSource clock;
    private final Supplier<byte[]> ephemerals;

    private Responder(
            StaticKey own,
            String relay,
            String workspace,
            String worker,
            Limits limits,
            InstantSource clock,
            Supplier<byte[]> ephemerals) {
        this.own = own;
        this.relay = relay;
        this.workspace = workspace;
        this.worker = worker;
        this.limits = limits;
        this.clock = clock;
        this.ephemerals = ephemerals;
        if (!Prologue.isRelay(relay) || !Prologue.isId(workspace) || !Prologue.isId(worker)) {
            throw new IllegalArgumentException("not a canonical origin or identifier");
        }
    }

    /// The worker behind this relay. Serves any number of handshakes.
    ///
    /// @param relay the relay's canonical origin, as the worker dials it
    public static Responder of(
            StaticKey own, String relay, String workspace, String worker, InstantSource clock) {
        return of(own, relay, workspace, worker, Limits.STANDARD, clock, Initiator::fresh);
    }

    static Responder of(
            StaticKey own,
            String relay,
            String workspace,
            String worker,
            Limits limits,
            InstantSource clock,
            Supplier<byte[]> ephemerals) {
        return new Responder(own, relay, workspace, worker, limits, clock, ephemerals);
    }

    /// Who asks.
    public sealed interface Reading {
        /// Somebody with this key and, if it is confirmed later, the PSK of this device.
        ///
        /// Look both up: for a session the enrolled device with this key *and* this identifier; for
        /// pairing the open link with this identifier, any key. Unknown: [Offer#close].
        final class Offer implements Reading, AutoCloseable {
            private final Handshake handshake;
            private final Purpose purpose;
            private final String device;
            private final Limits limits;
            private final InstantSource clock;

            private Offer(
                    Handshake handshake,
                    Purpose purpose,
                    String device,
                    Limits limits,
                    InstantSource clock) {
                this.handshake = handshake;
                this.purpose = purpose;
                this.device = device;
                this.limits = limits;
                this.clock = clock;
            }

            /// What for.
            public Purpose purpose() {
                return purpose;
            }

            /// The identifier that the device named; bound by the prologue.
            public String device() {
                return device;
            }

            /// The device's static public key.
            public byte[] deviceKey() {
                return handshake.peerStatic();
            }

            /// Answers. Once only.
            ///
            /// @param psk the device's own, or the link's at pairing, 32 bytes
            public Accepted accept(byte[] psk) {
                try {
                    byte[] message = handshake.write2(psk, new byte[0]);
                    CipherState[] ciphers = handshake.split();
                    byte[] packet =
                            ByteBuffer.allocate(3 + message.length)
                                    .put((byte) Packets.ACCEPT)
                                    .put((byte) Packets.VERSION)
                                    .put((byte) Packets.SUITE)
                                    .put(message)
                                    .array();
                    return new Accepted(
                            packet,
                            new Channel(
                                    Side.WORKER,
                                    purpose,
                                    handshake.peerStatic(),
                                    handshake.hash(),
                                    ciphers[0],
                                    ciphers[1],
                                    limits,
                                    clock));
                } catch (Violation impossible) {
                    // Both keys of the peer were used in read1 and gave no zero there.
                    throw new IllegalStateException(impossible);
                } finally {
                    close();
                }
            }

            /// Zeroes what is secret; the device hears nothing.
            @Override
            public void close() {
                handshake.close();
            }
        }

        /// `handshake_failed`, `low_order_key`, `malformed` or `unsupported_version`. Unsigned, so
        /// the device is told nothing.
        record Refused(CloseReason reason) implements Reading {}
    }

    /// The answer for the device and the unconfirmed channel.
    public record Accepted(byte[] packet, Channel channel) {}

    /// Reads a device's first packet.
    public Reading read(byte[] packet) {
        try {
            ByteBuffer in = ByteBuffer.wrap(packet);
            if (Packets.u8(in) != Packets.OPEN) {
                throw new Violation(CloseReason.MALFORMED);
            }
            if (Packets.u8(in) != Packets.VERSION || Packets.u8(in) != Packets.SUITE) {
                throw new Violation(CloseReason.UNSUPPORTED_VERSION);
            }
            Purpose purpose = Purpose.of(Packets.u8(in));
            String device = Packets.text(in);
            if (!Prologue.isId(device) || in.remaining() != Packets.OPEN_MESSAGE_BYTES) {
                throw new Violation(CloseReason.MALFORMED);
            }
            Handshake handshake =
                    Handshake.responder(
                            new Prologue(relay, workspace, worker, device, purpose).encode(),
                            own,
                            ephemerals);
            handshake.read1(Packets.bytes(in, in.remaining()));
            return new Reading.Offer(handshake, purpose, device, limits, clock);
        } catch (Violation violation) {
            return new Reading.Refused(
                    violation.reason() == CloseReason.TAMPERED
                            ? CloseReason.HANDSHAKE_FAILED
                            : violation.reason());
        }
    }

    /// Nothing to zero: the static key stays its owner's.
    @Override
    public void close() {}
}
