package dev.tendril.contract.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Two channels over a transport that drops, repeats, reorders, flips, cuts, extends, invents,
/// reflects, splices and delays. Whatever it does: nobody is ever handed a byte that was not sent
/// at that place, and every meddling ends in a named close on both sides.
///
/// Random, but repeatable: `-Dchannel.seed=` with the seed of a failure's message runs that one
/// case.
class HostileTransportTest {

    private static final int RUNS = 600;

    @Test
    void nothingThatWasNotSentIsEverDelivered() {
        String fixed = System.getProperty("channel.seed");
        if (fixed != null) {
            new Run(Long.parseLong(fixed)).play();
            return;
        }
        long first = new SplittableRandom().nextLong();
        System.out.println("HostileTransportTest: seeds from " + first);
        int hostile = 0;
        Set<CloseReason> seen = new HashSet<>();
        for (int i = 0; i < RUNS; i++) {
            Run run = new Run(first + i);
            run.play();
            hostile += run.meddled ? 1 : 0;
            seen.addAll(run.reasons);
        }
        assertTrue(hostile > RUNS / 3, "runs that met an attack: " + hostile);
        assertTrue(RUNS - hostile > RUNS / 10, "runs that met none: " + (RUNS - hostile));
        assertTrue(
                seen.containsAll(
                        Set.of(
                                CloseReason.TAMPERED,
                                CloseReason.REPLAYED,
                                CloseReason.GAP,
                                CloseReason.WRONG_DIRECTION,
                                CloseReason.OTHER_SESSION,
                                CloseReason.MALFORMED,
                                CloseReason.EXPIRED)),
                "reasons seen: " + seen);
    }

    private static final class Run {
        private final String name;
        private final SplittableRandom random;
        private final double rate;
        private final Pair pair;
        private final Map<Side, Deque<byte[]>> wire = new EnumMap<>(Side.class);
        private final Map<Side, Map<Integer, ByteArrayOutputStream>> sent =
                new EnumMap<>(Side.class);
        private final Map<Side, Map<Integer, ByteArrayOutputStream>> got =
                new EnumMap<>(Side.class);
        private final Map<Side, Set<Integer>> live = new EnumMap<>(Side.class);
        private final List<byte[]> history = new ArrayList<>();
        private final List<byte[]> foreign = new ArrayList<>();
        private final Set<CloseReason> reasons = new HashSet<>();
        private final Set<Integer> everClosed = new HashSet<>();
        private boolean meddled;

        Run(long seed) {
            name = "-Dchannel.seed=" + seed;
            random = new SplittableRandom(seed);
            rate = new double[] {0, 0.002, 0.02, 0.2}[random.nextInt(4)];
            pair =
                    Pair.session(
                            new Limits(
                                    3 + random.nextInt(60),
                                    Duration.ofMinutes(15),
                                    Duration.ofMinutes(2),
                                    Duration.ofSeconds(45),
                                    Duration.ofSeconds(15),
                                    Duration.ofSeconds(40),
                                    Duration.ofSeconds(10),
                                    Duration.ofHours(12)));
            for (Side side : Side.values()) {
                wire.put(side, new ArrayDeque<>());
                sent.put(side, new HashMap<>());
                got.put(side, new HashMap<>());
                live.put(side, new HashSet<>());
            }
            Pair other = Pair.nextSession(Limits.STANDARD);
            foreign.addAll(other.device.tick());
            foreign.addAll(other.worker.receive(foreign.getFirst()).replies());
        }

        void play() {
            emit(Side.DEVICE, pair.device.tick());
            for (int step = 0; step < 250; step++) {
                Side side = random.nextBoolean() ? Side.DEVICE : Side.WORKER;
                switch (random.nextInt(10)) {
                    // Little in all, or a slow but honest transport would count as silent.
                    case 0 -> pass(random.nextInt(600));
                    case 1 -> open(side);
                    case 2, 3, 4 -> write(side);
                    case 5 -> grant(side);
                    case 6 -> {
                        if (random.nextInt(4) == 0) {
                            end(side);
                        }
                    }
                    default -> carry(side);
                }
            }
            calm();
        }

        /// The transport behaves from here on, for two minutes.
        private void calm() {
            for (int second = 0; second < 120; second++) {
                drain();
                pass(1_000);
            }
            drain();
            CloseReason device = pair.device.closed();
            CloseReason worker = pair.worker.closed();
            if (meddled) {
                assertNotNull(device, name + ": the device did not notice");
                assertNotNull(worker, name + ": the worker did not notice");
                assertFalse(
                        device == CloseReason.DONE || worker == CloseReason.DONE,
                        name + ": an attack passed for an orderly end");
                return;
            }
            assertNull(device, name);
            assertNull(worker, name);
            for (Side side : Side.values()) {
                sent.get(side)
                        .forEach((stream, bytes) -> {
                            if (!everClosed.contains(stream)) {
                                assertArrayEquals(
                                        bytes.toByteArray(),
                                        got(side.other(), stream).toByteArray(),
                                        name + ": stream " + stream + " is not whole");
                            }
                        });
            }
        }

        private void drain() {
            while (!wire.get(Side.DEVICE).isEmpty() || !wire.get(Side.WORKER).isEmpty()) {
                for (Side side : Side.values()) {
                    byte[] packet = wire.get(side).pollFirst();
                    if (packet != null) {
                        hand(side.other(), packet);
                    }
                }
            }
        }

        private void pass(int millis) {
            pair.clock.advance(millis);
            for (Side side : Side.values()) {
                emit(side, pair.channel(side).tick());
                note(pair.channel(side).closed());
            }
        }

        private void open(Side side) {
            Channel channel = pair.channel(side);
            if (channel.closed() != null || !channel.confirmed() || channel.streams() > 8) {
                return;
            }
            int stream = channel.nextStream();
            StreamKind kind =
                    side == Side.WORKER
                            ? StreamKind.APPROVAL
                            : random.nextBoolean() ? StreamKind.TERMINAL : StreamKind.WATCH;
            live.get(side).add(stream);
            emit(side, channel.send(new ChannelFrame.OpenStream(stream, kind, new byte[0])));
        }

        private void write(Side side) {
            Channel channel = pair.channel(side);
            Integer stream = any(side);
            if (stream == null || channel.closed() != null) {
                return;
            }
            long room = Math.min(channel.sendable(stream), Packets.MAX_DATA_BYTES);
            if (room == 0) {
                return;
            }
            int most = random.nextInt(20) == 0 ? (int) room : (int) Math.min(room, 300);
            byte[] bytes = new byte[1 + random.nextInt(most)];
            random.nextBytes(bytes);
            sent.get(side)
                    .computeIfAbsent(stream, _ -> new ByteArrayOutputStream())
                    .writeBytes(bytes);
            emit(side, channel.send(new ChannelFrame.Data(stream, random.nextBoolean(), bytes)));
        }

        private void grant(Side side) {
            Channel channel = pair.channel(side);
            Integer stream = any(side);
            if (stream != null && channel.closed() == null) {
                // Never less than the largest first window.
                long total = channel.received(stream) + (600 << 10);
                emit(side, channel.send(new ChannelFrame.Credit(stream, total)));
            }
        }

        private void end(Side side) {
            Channel channel = pair.channel(side);
            Integer stream = any(side);
            if (stream != null && channel.closed() == null) {
                live.get(side).remove(stream);
                everClosed.add(stream);
                emit(side, channel.send(new ChannelFrame.CloseStream(stream, StreamEnd.DONE)));
            }
        }

        private Integer any(Side side) {
            List<Integer> streams = live.get(side).stream().sorted().toList();
            return streams.isEmpty() ? null : streams.get(random.nextInt(streams.size()));
        }

        private void emit(Side side, List<byte[]> packets) {
            wire.get(side).addAll(packets);
            history.addAll(packets);
        }

        /// Carries one packet of `from` to the other side, or does worse.
        private void carry(Side from) {
            Deque<byte[]> queue = wire.get(from);
            byte[] packet = queue.pollFirst();
            if (packet == null) {
                return;
            }
            Side to = from.other();
            if (random.nextDouble() >= rate || pair.channel(to).closed() != null) {
                hand(to, packet);
                return;
            }
            meddled = true;
            switch (random.nextInt(11)) {
                case 0 -> {}
                case 1 -> {
                    hand(to, packet);
                    hand(to, packet);
                }
                case 2 -> {
                    byte[] next = queue.pollFirst();
                    if (next == null) {
                        next = foreign.getFirst();
                    }
                    hand(to, next);
                    hand(to, packet);
                }
                case 3 ->
                        hand(
                                to,
                                Pair.flip(
                                        packet,
                                        random.nextInt(packet.length),
                                        1 << random.nextInt(8)));
                case 4 ->
                        hand(
                                to,
                                Pair.flip(
                                        packet,
                                        32 + random.nextInt(packet.length - 32),
                                        1 << random.nextInt(8)));
                case 5 -> hand(to, Pair.cut(packet, random.nextInt(packet.length)));
                case 6 ->
                        hand(
                                to,
                                Arrays.copyOf(
                                        packet, packet.length + 32 * (1 + random.nextInt(9))));
                case 7 -> {
                    byte[] noise = new byte[random.nextInt(200)];
                    random.nextBytes(noise);
                    hand(to, noise);
                    hand(to, packet);
                }
                case 8 -> {
                    byte[] old = history.get(random.nextInt(history.size()));
                    // The very packet that is due is no attack; then it is repeated.
                    hand(to, old);
                    hand(to, packet);
                    hand(to, packet);
                }
                case 9 -> hand(to, foreign.get(random.nextInt(foreign.size())));
                default -> {
                    // Held back until it expired. The clock runs without ticks, so that it is
                    // the record and not the silence that is noticed.
                    pair.clock.advance(45_000 + 15_000);
                    hand(to, packet);
                }
            }
        }

        private void hand(Side to, byte[] packet) {
            Received received = pair.channel(to).receive(packet);
            emit(to, received.replies());
            switch (received) {
                case Received.Delivered(ChannelFrame frame, _) -> check(to, frame);
                case Received.Nothing _ -> {}
                case Received.Closed(CloseReason reason, _, _) -> note(reason);
            }
        }

        private void check(Side to, ChannelFrame frame) {
            switch (frame) {
                case ChannelFrame.OpenStream f -> live.get(to).add(f.stream());
                case ChannelFrame.CloseStream f -> {
                    live.get(to).remove(f.stream());
                    everClosed.add(f.stream());
                }
                case ChannelFrame.Data f -> {
                    ByteArrayOutputStream before = got(to, f.stream());
                    int at = before.size();
                    before.writeBytes(f.bytes());
                    byte[] all = sent.get(to.other()).get(f.stream()).toByteArray();
                    assertTrue(all.length >= before.size(), name + ": more than was sent");
                    assertArrayEquals(
                            Arrays.copyOfRange(all, at, before.size()),
                            f.bytes(),
                            name + ": other bytes than were sent");
                }
                case ChannelFrame.Credit _ -> {}
                default -> throw new AssertionError(name + ": delivered " + frame);
            }
        }

        private ByteArrayOutputStream got(Side side, int stream) {
            return got.get(side).computeIfAbsent(stream, _ -> new ByteArrayOutputStream());
        }

        private void note(CloseReason reason) {
            if (reason != null) {
                reasons.add(reason);
                assertEquals(
                        reason,
                        CloseReason.valueOf(reason.wireName().toUpperCase(java.util.Locale.ROOT)));
            }
        }
    }
}
