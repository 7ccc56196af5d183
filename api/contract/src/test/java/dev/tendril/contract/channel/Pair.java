package dev.tendril.contract.channel;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;

/// A device and a worker with fixed keys and a clock of their own, just after the handshake.
final class Pair {

    static final String RELAY = "https://relay.example";
    static final byte[] DEVICE_STATIC = sequence(0x10);
    static final byte[] WORKER_STATIC = sequence(0x40);
    static final byte[] DEVICE_EPHEMERAL = sequence(0x70);
    static final byte[] WORKER_EPHEMERAL = sequence(0xa0);
    static final byte[] PSK = sequence(0xd0);
    static final byte[] SECRET = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    static final StaticKey DEVICE = StaticKey.of(DEVICE_STATIC);
    static final StaticKey WORKER = StaticKey.of(WORKER_STATIC);
    static final WorkerAddress ADDRESS =
            new WorkerAddress(RELAY, "home", "attic", "laptop-1", WORKER.publicKey());

    /// Few records and short ages, so that rekeying is seen.
    static final Limits SMALL =
            new Limits(
                    6,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(40),
                    Duration.ofSeconds(10),
                    Duration.ofHours(12));

    static final class Clock implements InstantSource {
        private long millis;

        void at(long sessionMillis) {
            millis = sessionMillis;
        }

        void advance(long by) {
            millis += by;
        }

        long now() {
            return millis;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(1_700_000_000_000L + millis);
        }
    }

    final Clock clock = new Clock();
    final byte[] open;
    final byte[] accept;
    final Channel device;
    final Channel worker;

    private Pair(Purpose purpose, Limits limits, byte[] psk, byte[] deviceE, byte[] workerE) {
        this(purpose, limits, limits, psk, deviceE, workerE);
    }

    private Pair(
            Purpose purpose,
            Limits deviceLimits,
            Limits workerLimits,
            byte[] psk,
            byte[] deviceE,
            byte[] workerE) {
        Initiator initiator =
                Initiator.of(
                        DEVICE, ADDRESS, psk, purpose, deviceLimits, clock, () -> deviceE.clone());
        Responder responder = responder(WORKER, workerLimits, clock, workerE);
        open = ((Initiator.Outcome.Opening) initiator.open()).packet();
        Responder.Accepted accepted = ((Responder.Reading.Offer) responder.read(open)).accept(psk);
        accept = accepted.packet();
        worker = accepted.channel();
        device = ((Initiator.Outcome.Established) initiator.finish(accept)).channel();
    }

    static Responder responder(
            StaticKey key, Limits limits, InstantSource clock, byte[] ephemeral) {
        return Responder.of(key, RELAY, "home", "attic", limits, clock, () -> ephemeral.clone());
    }

    static Pair session(Limits limits) {
        return new Pair(Purpose.SESSION, limits, PSK, DEVICE_EPHEMERAL, WORKER_EPHEMERAL);
    }

    /// A device that does not keep the worker's rules.
    static Pair careless(Limits device, Limits worker) {
        return new Pair(Purpose.SESSION, device, worker, PSK, DEVICE_EPHEMERAL, WORKER_EPHEMERAL);
    }

    /// The same keys, other ephemerals: the next session of the same device.
    static Pair nextSession(Limits limits) {
        return new Pair(Purpose.SESSION, limits, PSK, sequence(0x71), sequence(0xa1));
    }

    static Pair pairing(Limits limits) {
        return new Pair(
                Purpose.PAIR,
                limits,
                new PairingLink(ADDRESS, SECRET).psk(),
                DEVICE_EPHEMERAL,
                WORKER_EPHEMERAL);
    }

    Channel channel(Side side) {
        return side == Side.DEVICE ? device : worker;
    }

    static byte[] sequence(int first) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    static byte[] flip(byte[] packet, int at, int mask) {
        byte[] flipped = packet.clone();
        flipped[at] ^= (byte) mask;
        return flipped;
    }

    static byte[] cut(byte[] packet, int length) {
        return Arrays.copyOf(packet, length);
    }
}
