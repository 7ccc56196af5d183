package dev.tendril.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What a channel promises, beyond the vectors.
class ChannelTest {

    private static final byte[] NOTHING = new byte[0];

    private final Pair pair = Pair.session(Limits.STANDARD);

    /// Delivers packets, and replies to replies, until both are quiet.
    private static List<ChannelFrame> exchange(Pair pair, Side from, List<byte[]> packets) {
        List<ChannelFrame> delivered = new ArrayList<>();
        for (byte[] packet : packets) {
            Received received = pair.channel(from.other()).receive(packet);
            if (received instanceof Received.Delivered(ChannelFrame frame, _)) {
                delivered.add(frame);
            }
            delivered.addAll(exchange(pair, from.other(), received.replies()));
        }
        return delivered;
    }

    private void confirm(Pair pair) {
        exchange(pair, Side.DEVICE, pair.device.tick());
        assertTrue(pair.worker.confirmed());
    }

    private static CloseReason reason(Received received) {
        return assertInstanceOf(Received.Closed.class, received).reason();
    }

    @Test
    void theWorkerSaysNothingBeforeTheDeviceProvedItself() {
        assertFalse(pair.worker.confirmed());
        assertThrows(
                IllegalStateException.class,
                () ->
                        pair.worker.send(
                                new ChannelFrame.OpenStream(2, StreamKind.APPROVAL, NOTHING)));
        assertEquals(List.of(), pair.worker.tick());
        pair.clock.at(10_001);
        assertEquals(List.of(), pair.worker.tick());
        assertEquals(CloseReason.HANDSHAKE_TIMEOUT, pair.worker.closed());
    }

    @Test
    void aReplayedHandshakeComesToNothing() {
        Responder responder =
                Pair.responder(Pair.WORKER, Limits.STANDARD, pair.clock, Pair.sequence(0xa1));
        Responder.Accepted again =
                ((Responder.Reading.Offer) responder.read(pair.open)).accept(Pair.PSK);
        for (byte[] packet : pair.device.tick()) {
            assertEquals(CloseReason.OTHER_SESSION, reason(again.channel().receive(packet)));
        }
        assertFalse(again.channel().confirmed());
    }

    @Test
    void aPairingWithoutTheSecretNeverConfirms() {
        PairingLink real = new PairingLink(Pair.ADDRESS, Pair.SECRET);
        PairingLink guess = PairingLink.create(Pair.ADDRESS);
        Initiator thief = Initiator.pairing(StaticKey.generate(), guess, pair.clock);
        byte[] open = ((Initiator.Outcome.Opening) thief.open()).packet();
        Responder responder = Responder.of(Pair.WORKER, Pair.RELAY, "home", "attic", pair.clock);
        Responder.Accepted accepted =
                ((Responder.Reading.Offer) responder.read(open)).accept(real.psk());
        assertEquals(
                new Initiator.Outcome.Failed(CloseReason.HANDSHAKE_FAILED),
                thief.finish(accepted.packet()));
        pair.clock.advance(10_001);
        assertEquals(List.of(), accepted.channel().tick());
        assertEquals(CloseReason.HANDSHAKE_TIMEOUT, accepted.channel().closed());
    }

    @Test
    void anAnswerAfterTheDeadlineIsRefused() {
        Initiator initiator = Initiator.session(Pair.DEVICE, Pair.ADDRESS, Pair.PSK, pair.clock);
        initiator.open();
        pair.clock.advance(10_001);
        assertEquals(
                new Initiator.Outcome.Failed(CloseReason.HANDSHAKE_TIMEOUT),
                initiator.finish(pair.accept));
    }

    @Test
    void droppedTailsAndSilenceAreNoticedByBothSides() {
        confirm(pair);
        pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING));
        for (int second = 1; second <= 60; second++) {
            pair.clock.at(second * 1000L);
            pair.device.tick();
            pair.worker.tick();
        }
        assertEquals(CloseReason.SILENCE, pair.device.closed());
        assertEquals(CloseReason.SILENCE, pair.worker.closed());
    }

    @Test
    void oneDeafDirectionIsSilenceToo() {
        confirm(pair);
        for (int second = 1; second <= 60 && pair.worker.closed() == null; second++) {
            pair.clock.at(second * 1000L);
            // The device's records arrive, the worker's do not.
            for (byte[] packet : pair.device.tick()) {
                pair.worker.receive(packet);
            }
            pair.worker.tick();
        }
        assertEquals(CloseReason.SILENCE, pair.worker.closed());
        assertNotEquals(60_000, pair.clock.now());
    }

    @Test
    void aPeerThatKeepsItsKeyTooLongIsCutOff() {
        Limits forever =
                new Limits(
                        1L << 40,
                        Duration.ofDays(1),
                        Duration.ZERO,
                        Duration.ofDays(1),
                        Duration.ofSeconds(15),
                        Duration.ofDays(1),
                        Duration.ofSeconds(10),
                        Duration.ofDays(1));
        Pair careless = Pair.careless(forever, Limits.STANDARD);
        confirm(careless);
        careless.clock.at(Duration.ofMinutes(17).toMillis() + 1);
        assertEquals(
                CloseReason.REKEY_OVERDUE,
                reason(careless.worker.receive(careless.device.tick().getFirst())));
    }

    @Test
    void keysAreReplacedByAgeWithoutTraffic() {
        confirm(pair);
        pair.clock.at(Duration.ofMinutes(14).toMillis() + 59_999);
        exchange(pair, Side.DEVICE, pair.device.tick());
        pair.clock.at(Duration.ofMinutes(15).toMillis());
        List<byte[]> packets = pair.device.tick();
        assertEquals(1, packets.size(), "no ping is due, the rekey is");
        assertEquals(List.of(), exchange(pair, Side.DEVICE, packets));
        exchange(
                pair,
                Side.DEVICE,
                pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.OPERATOR, NOTHING)));
        assertEquals(1, pair.worker.streams());
    }

    @Test
    void aSessionEndsAtTwelveHours() {
        confirm(pair);
        pair.clock.at(Duration.ofHours(12).toMillis() + 1);
        List<byte[]> goodbye = pair.device.tick();
        assertEquals(CloseReason.TOO_OLD, pair.device.closed());
        Received.Closed closed =
                assertInstanceOf(Received.Closed.class, pair.worker.receive(goodbye.getFirst()));
        assertEquals(CloseReason.TOO_OLD, closed.reason());
        assertTrue(closed.byPeer());
    }

    @Test
    void creditBoundsWhatMayBeSentAndWhatIsAccepted() {
        confirm(pair);
        exchange(
                pair,
                Side.DEVICE,
                pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.WATCH, NOTHING)));
        assertEquals(16 << 10, pair.device.sendable(1));
        byte[] all = new byte[16 << 10];
        exchange(pair, Side.DEVICE, pair.device.send(new ChannelFrame.Data(1, false, all)));
        assertEquals(0, pair.device.sendable(1));
        assertThrows(
                IllegalStateException.class,
                () -> pair.device.send(new ChannelFrame.Data(1, false, new byte[1])));
        long total = pair.worker.received(1) + 100;
        List<ChannelFrame> delivered =
                exchange(pair, Side.WORKER, pair.worker.send(new ChannelFrame.Credit(1, total)));
        assertInstanceOf(ChannelFrame.Credit.class, delivered.getFirst());
        exchange(pair, Side.WORKER, pair.worker.send(new ChannelFrame.Credit(1, total)));
        assertEquals(100, pair.device.sendable(1), "a repeat changes nothing");
        assertThrows(
                IllegalStateException.class,
                () -> pair.worker.send(new ChannelFrame.Credit(1, total - 1)));
    }

    @Test
    void aPeerThatOverdrawsItsCreditIsCutOff() {
        Pair victim = Pair.session(Limits.STANDARD);
        victim.worker.receive(victim.device.tick().getFirst());
        victim.worker.receive(ChannelWireTest.forge(Side.DEVICE, 1, "010000000100040000"));
        assertEquals(1, victim.worker.streams());
        String tooMuch = "030000000100" + "61".repeat((16 << 10) + 1);
        assertEquals(
                CloseReason.CREDIT_EXCEEDED,
                reason(victim.worker.receive(ChannelWireTest.forge(Side.DEVICE, 2, tooMuch))));
    }

    @Test
    void streamsAreBounded() {
        confirm(pair);
        for (int i = 0; i < Packets.MAX_STREAMS; i++) {
            exchange(
                    pair,
                    Side.DEVICE,
                    pair.device.send(
                            new ChannelFrame.OpenStream(
                                    pair.device.nextStream(), StreamKind.TERMINAL, NOTHING)));
        }
        assertThrows(
                IllegalStateException.class,
                () ->
                        pair.device.send(
                                new ChannelFrame.OpenStream(
                                        pair.device.nextStream(), StreamKind.TERMINAL, NOTHING)));

        Pair victim = Pair.session(Limits.STANDARD);
        victim.worker.receive(victim.device.tick().getFirst());
        Received last = new Received.Nothing(List.of());
        for (int i = 0; i <= Packets.MAX_STREAMS; i++) {
            last =
                    victim.worker.receive(
                            ChannelWireTest.forge(
                                    Side.DEVICE,
                                    1 + i,
                                    String.format("01%08x00020000", 1 + 2 * i)));
        }
        assertEquals(CloseReason.TOO_MANY_STREAMS, reason(last));
    }

    @Test
    void aStreamClosesOnceWhoeverBegins() {
        confirm(pair);
        exchange(
                pair,
                Side.DEVICE,
                pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING)));
        // Both close at once, while data is under way: nothing of it arrives, nobody minds.
        List<byte[]> mine =
                new ArrayList<>(pair.device.send(new ChannelFrame.Data(1, false, new byte[] {1})));
        mine.addAll(pair.device.send(new ChannelFrame.CloseStream(1, StreamEnd.DONE)));
        List<byte[]> theirs = pair.worker.send(new ChannelFrame.CloseStream(1, StreamEnd.FAILED));
        assertEquals(List.of(), exchange(pair, Side.DEVICE, mine));
        assertEquals(List.of(), exchange(pair, Side.WORKER, theirs));
        assertEquals(0, pair.device.streams());
        assertEquals(0, pair.worker.streams());
        assertNull(pair.device.closed());
        assertThrows(
                IllegalStateException.class,
                () -> pair.device.send(new ChannelFrame.Data(1, false, new byte[] {1})));
        assertEquals(3, pair.device.nextStream(), "identifiers are never used twice");
    }

    @Test
    void aClosedChannelStaysClosed() {
        confirm(pair);
        List<byte[]> late =
                pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING));
        exchange(pair, Side.WORKER, pair.worker.close(CloseReason.REVOKED));
        assertEquals(CloseReason.REVOKED, pair.device.closed());
        assertEquals(CloseReason.REVOKED, reason(pair.worker.receive(late.getFirst())));
        assertEquals(0, pair.worker.streams());
        assertThrows(
                IllegalStateException.class,
                () -> pair.device.send(new ChannelFrame.Data(1, false, new byte[] {1})));
        assertEquals(List.of(), pair.device.tick());
        assertEquals(List.of(), pair.device.close(CloseReason.DONE));
        pair.device.cut();
        assertEquals(CloseReason.REVOKED, pair.device.closed());
    }

    @Test
    void aTransportThatEndsWithoutAWordIsNamed() {
        confirm(pair);
        pair.device.cut();
        assertEquals(CloseReason.CUT, pair.device.closed());
        assertThrows(IllegalArgumentException.class, () -> pair.worker.close(CloseReason.TAMPERED));
    }

    @Test
    void aClockThatJumpsBackDoesNotReviveARecord() {
        confirm(pair);
        List<byte[]> held =
                pair.device.send(new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING));
        pair.clock.at(30_000);
        pair.worker.tick();
        pair.clock.at(50_000);
        pair.worker.tick();
        pair.clock.at(0);
        assertEquals(CloseReason.EXPIRED, reason(pair.worker.receive(held.getFirst())));
    }

    @Test
    void onlyPairingFramesPairAndOnlyInOrder() {
        Pair pairing = Pair.pairing(Limits.STANDARD);
        confirm(pairing);
        assertThrows(
                IllegalStateException.class,
                () ->
                        pairing.device.send(
                                new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING)));
        ChannelFrame grant = new ChannelFrame.PairGrant(Pair.PSK, Set.of(Scope.CHAT));
        assertThrows(IllegalStateException.class, () -> pairing.worker.send(grant));
        assertThrows(
                IllegalStateException.class,
                () -> pairing.device.send(new ChannelFrame.PairDone()));
        assertThrows(
                IllegalStateException.class,
                () -> pair.device.send(new ChannelFrame.PairRequest("laptop")));
        exchange(pairing, Side.DEVICE, pairing.device.send(new ChannelFrame.PairRequest("laptop")));
        assertThrows(
                IllegalStateException.class,
                () -> pairing.device.send(new ChannelFrame.PairRequest("again")));
        exchange(pairing, Side.WORKER, pairing.worker.close(CloseReason.REFUSED));
        assertEquals(CloseReason.REFUSED, pairing.device.closed());
        assertThrows(
                IllegalArgumentException.class,
                () -> FrameCodec.encode(new ChannelFrame.PairRequest("a\u202eb")));
    }

    @Test
    void aLinkLivesTenMinutesAndOneUse() throws InterruptedException, ExecutionException {
        PairingLink link = PairingLink.create(Pair.ADDRESS);
        PairingWindow window = new PairingWindow(link, pair.clock);
        assertTrue(window.admits("laptop-1"));
        assertFalse(window.admits("laptop-2"));
        List<Future<Boolean>> uses = new ArrayList<>();
        try (ExecutorService racers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                uses.add(racers.submit(window::use));
            }
        }
        int won = 0;
        for (Future<Boolean> use : uses) {
            won += use.get() ? 1 : 0;
        }
        assertEquals(1, won);
        assertFalse(window.admits("laptop-1"));

        PairingWindow expired = new PairingWindow(link, pair.clock);
        pair.clock.advance(Duration.ofMinutes(10).toMillis());
        assertFalse(expired.admits("laptop-1"));
        assertFalse(expired.use());
        assertFalse(link.toString().contains(Json.hex(link.secret())));
    }

    @Test
    void addressesThatCouldBeWrittenTwiceAreRefused() {
        for (String relay :
                List.of(
                        "https://relay.example/",
                        "https://Relay.example",
                        "https://relay.example:443",
                        "http://relay.example:80",
                        "https://relay.example:08443",
                        "relay.example",
                        "ftp://relay.example",
                        "https://user@relay.example",
                        "https://relay.example\n",
                        "https://relay.example/path")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WorkerAddress(relay, "w", "w", "d", new byte[32]),
                    relay);
        }
        for (String id : List.of("", "a b", "a/b", "ä", "a".repeat(65), "a\n")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new WorkerAddress(Pair.RELAY, "w", "w", id, new byte[32]),
                    id);
        }
        new WorkerAddress("http://127.0.0.1:8080", "w", "w", "d", new byte[32]);
        new WorkerAddress("https://[::1]:8443", "w", "w", "d", new byte[32]);
    }

    @Test
    void twoPrologueFieldsNeverRunTogether() {
        assertNotEquals(
                Json.hex(new Prologue(Pair.RELAY, "ab", "c", "d", Purpose.SESSION).encode()),
                Json.hex(new Prologue(Pair.RELAY, "a", "bc", "d", Purpose.SESSION).encode()));
    }
}
