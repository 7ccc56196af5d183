package dev.tendril.worker.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StaticKey;
import dev.tendril.contract.channel.WorkerAddress;
import dev.tendril.contract.link.LinkFrame;
import dev.tendril.worker.attach.CannotConnect;
import dev.tendril.worker.attach.DeviceConnection;
import dev.tendril.worker.attach.DeviceProfile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// A relay that does everything a relay can: it drops, doubles, reorders, replays, flips, cuts,
/// makes up, swaps keys and impersonates. Whatever it does, nothing is typed that the device did
/// not type, in its order; nothing of it is readable; and the channel ends with a reason that has a
/// name.
///
/// The numbers I1 to I15 are the invariants of a fallen relay that this suite shows; the others are
/// shown where they live (`docs/security.md`).
class HostileRelayTest {

    /// What must never be readable by the relay.
    private static final String CANARY = "canary-7f3a-keystroke";

    private static final List<String> LINES = List.of("one " + CANARY, "two", "three", "four");

    private final Path folder = Bench.folder();
    private Bench bench;
    private DeviceProfile device;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(folder);
        device = bench.enrolled(Scope.TERMINAL);
    }

    // ---- I4, I6, I14: what is done to packets under way

    private record Attack(
            String name, Set<CloseReason> reasons, Consumer<Carrier> deed, boolean silent) {}

    private static Attack attack(String name, Consumer<Carrier> deed, CloseReason... reasons) {
        return new Attack(name, Set.of(reasons), deed, false);
    }

    /// From the fourth packet of the device on: opening, ping, stream and the first line are
    /// through.
    private static final int AT = 4;

    private static List<Attack> attacks() {
        List<Attack> all = new ArrayList<>();
        all.add(
                attack(
                        "drops one",
                        c ->
                                c.toWorker((n, p, on) -> {
                                    if (n != AT) {
                                        on.accept(p);
                                    }
                                }),
                        CloseReason.GAP));
        all.add(
                attack(
                        "doubles one",
                        c ->
                                c.toWorker((n, p, on) -> {
                                    on.accept(p);
                                    if (n == AT) {
                                        on.accept(p.clone());
                                    }
                                }),
                        CloseReason.REPLAYED));
        all.add(
                attack(
                        "swaps two",
                        c -> {
                            List<byte[]> held = new ArrayList<>();
                            c.toWorker((n, p, on) -> {
                                if (n == AT) {
                                    held.add(p);
                                } else {
                                    on.accept(p);
                                    held.forEach(on);
                                    held.clear();
                                }
                            });
                        },
                        CloseReason.GAP));
        all.add(
                attack(
                        "replays the first line",
                        c ->
                                c.toWorker((n, p, on) -> {
                                    if (n == AT) {
                                        on.accept(
                                                c.seenToWorker().get(c.seenToWorker().size() - 2));
                                    } else {
                                        on.accept(p);
                                    }
                                }),
                        CloseReason.REPLAYED));
        all.add(
                attack(
                        "replays the opening",
                        c ->
                                c.toWorker((n, p, on) -> {
                                    if (n == AT) {
                                        on.accept(open(c.seenToWorker()));
                                    } else {
                                        on.accept(p);
                                    }
                                }),
                        CloseReason.MALFORMED));
        all.add(
                attack(
                        "reflects the worker's",
                        c ->
                                c.toWorker((n, p, on) -> {
                                    if (n == AT) {
                                        on.accept(c.seenToDevice().getLast());
                                    } else {
                                        on.accept(p);
                                    }
                                }),
                        CloseReason.WRONG_DIRECTION,
                        CloseReason.OTHER_SESSION));
        all.add(
                attack(
                        "gives the device its own",
                        c ->
                                c.toDevice((n, p, on) ->
                                        on.accept(n < 3 ? p : c.seenToWorker().getLast())),
                        CloseReason.WRONG_DIRECTION));
        all.add(
                attack(
                        "drops one of the worker's",
                        c ->
                                c.toDevice((n, p, on) -> {
                                    if (n != 3) {
                                        on.accept(p);
                                    }
                                }),
                        CloseReason.GAP));
        all.add(
                attack(
                        "doubles one of the worker's",
                        c ->
                                c.toDevice((n, p, on) -> {
                                    on.accept(p);
                                    if (n == 3) {
                                        on.accept(p.clone());
                                    }
                                }),
                        CloseReason.REPLAYED));
        all.add(
                attack(
                        "sends nothing",
                        c -> c.toWorker((n, p, on) -> on.accept(n == AT ? new byte[] {0} : p)),
                        CloseReason.MALFORMED));
        all.add(
                attack(
                        "sends too much",
                        c -> c.toWorker((n, p, on) -> on.accept(n == AT ? new byte[70_000] : p)),
                        CloseReason.OVERSIZE));
        all.add(
                attack(
                        "adds a byte",
                        c ->
                                c.toWorker((n, p, on) ->
                                        on.accept(n == AT ? Arrays.copyOf(p, p.length + 1) : p)),
                        CloseReason.MALFORMED));
        all.add(
                attack(
                        "adds a block",
                        c ->
                                c.toWorker((n, p, on) ->
                                        on.accept(n == AT ? Arrays.copyOf(p, p.length + 32) : p)),
                        CloseReason.TAMPERED));
        for (int cut : new int[] {1, 16, 31, 32, 48}) {
            all.add(
                    attack(
                            "cuts to " + cut,
                            c ->
                                    c.toWorker((n, p, on) ->
                                            on.accept(n == AT ? Arrays.copyOf(p, cut) : p)),
                            CloseReason.MALFORMED));
        }
        Map<Integer, CloseReason> header =
                Map.of(
                        0, CloseReason.MALFORMED,
                        1, CloseReason.UNSUPPORTED_VERSION,
                        2, CloseReason.UNSUPPORTED_VERSION,
                        3, CloseReason.WRONG_DIRECTION,
                        4, CloseReason.OTHER_SESSION,
                        11, CloseReason.OTHER_SESSION,
                        15, CloseReason.WRONG_EPOCH,
                        23, CloseReason.GAP,
                        31, CloseReason.TAMPERED,
                        24, CloseReason.TAMPERED);
        header.forEach((at, reason) -> {
            all.add(
                    attack(
                            "flips byte " + at + " of the header",
                            c ->
                                    c.toWorker((n, p, on) -> {
                                        if (n == AT) {
                                            p[at] ^= (byte) (at == 23 ? 0x40 : 0x08);
                                        }
                                        on.accept(p);
                                    }),
                            reason,
                            CloseReason.REPLAYED));
            all.add(
                    attack(
                            "flips byte " + at + " of the worker's header",
                            c ->
                                    c.toDevice((n, p, on) -> {
                                        if (n == 3) {
                                            p[at] ^= (byte) (at == 23 ? 0x40 : 0x08);
                                        }
                                        on.accept(p);
                                    }),
                            reason,
                            CloseReason.REPLAYED));
        });
        for (int bit = 0; bit < 8; bit++) {
            int mask = 1 << bit;
            all.add(
                    attack(
                            "flips bit " + bit + " of the text",
                            c ->
                                    c.toWorker((n, p, on) -> {
                                        if (n == AT) {
                                            p[32 + mask % 16] ^= (byte) mask;
                                        }
                                        on.accept(p);
                                    }),
                            CloseReason.TAMPERED));
            all.add(
                    attack(
                            "flips bit " + bit + " of the tag",
                            c ->
                                    c.toDevice((n, p, on) -> {
                                        if (n == 3) {
                                            p[p.length - 1] ^= (byte) mask;
                                        }
                                        on.accept(p);
                                    }),
                            CloseReason.TAMPERED));
        }
        return all;
    }

    private static byte[] open(List<byte[]> seen) {
        return seen.stream().filter(p -> p[0] == 1).reduce((_, last) -> last).orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> i4AndI6WhateverHappensUnderWay() {
        return attacks().stream().map(a -> DynamicTest.dynamicTest(a.name(), () -> suffer(a)));
    }

    private void suffer(Attack attack) throws Exception {
        bench.typed.clear();
        try (DeviceConnection connection = patiently()) {
            Bench.Open open = new Bench.Open(connection);
            open.type(LINES.getFirst());
            Carrier.await("the first line", () -> open.heard.contains(LINES.getFirst()));
            // The connection's packets are counted from its opening; what follows is the fourth or
            // later whatever pings came between.
            attack.deed().accept(shifted());
            for (String line : LINES.subList(1, LINES.size())) {
                try {
                    open.type(line);
                } catch (IllegalStateException e) {
                    break;
                }
            }
            assertTrue(connection.awaitEnd(10_000), "the channel must end");
            CloseReason reason = connection.reason();
            assertTrue(
                    attack.reasons().contains(reason) || reason == CloseReason.CUT,
                    attack.name() + " ended with " + reason);
        } finally {
            bench.carrier.honest();
        }
        assertEquals(LINES.subList(0, bench.typed.size()), List.copyOf(bench.typed));
        assertUnreadable(bench.carrier.all());
        // The next connection is as good as new.
        try (DeviceConnection connection = patiently()) {
            Bench.Open open = new Bench.Open(connection);
            open.type("after");
            Carrier.await("echo", () -> open.heard.contains("after"));
        }
    }

    /// So many cases at once reach the limit of handshakes.
    private DeviceConnection patiently() throws InterruptedException, CannotConnect {
        for (int i = 0; ; i++) {
            try {
                return bench.connect(device);
            } catch (CannotConnect e) {
                if (i == 30) {
                    throw e;
                }
                LockSupport.parkNanos(60_000_000);
            }
        }
    }

    /// Counts the packets from the attack's beginning, so that its fourth is the next one of the
    /// device, and its third the next one of the worker.
    private Carrier shifted() {
        Carrier real = bench.carrier;
        return new Carrier(bench.desk) {
            private int up = AT;
            private int down = 3;

            @Override
            public Carrier toWorker(Deed deed) {
                real.toWorker((_, p, on) -> deed.with(up++, p, on));
                return this;
            }

            @Override
            public Carrier toDevice(Deed deed) {
                real.toDevice((_, p, on) -> deed.with(down++, p, on));
                return this;
            }

            @Override
            public List<byte[]> seenToWorker() {
                return real.seenToWorker();
            }

            @Override
            public List<byte[]> seenToDevice() {
                return real.seenToDevice();
            }
        };
    }

    private static void assertUnreadable(List<byte[]> packets) {
        for (byte[] packet : packets) {
            assertFalse(
                    new String(packet, StandardCharsets.ISO_8859_1).contains(CANARY),
                    "a relay could read it");
        }
    }

    // ---- I4, I6: other sessions

    @Test
    void i6AReplayedSessionTypesNothing() throws Exception {
        int before = bench.carrier.seenToWorker().size();
        try (DeviceConnection connection = bench.connect(device)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("once");
            Carrier.await("echo", () -> open.heard.contains("once"));
        }
        List<byte[]> recorded =
                List.copyOf(bench.carrier.seenToWorker())
                        .subList(before, bench.carrier.seenToWorker().size());
        List<byte[]> heard = new CopyOnWriteArrayList<>();
        var stranger = bench.carrier.stranger(heard);
        recorded.forEach(stranger::inject);
        Carrier.await("cut off", stranger::over);
        assertEquals(List.of("once"), bench.typed);
        assertTrue(heard.size() <= 1, "nothing but the handshake's answer: " + heard.size());
    }

    @Test
    void i6ARecordOfAnotherSessionOfTheSameDeviceIsRefused() throws Exception {
        try (DeviceConnection one = bench.connect(device);
                DeviceConnection two = bench.connect(device)) {
            Bench.Open first = new Bench.Open(one);
            Bench.Open second = new Bench.Open(two);
            first.type("first");
            second.type("second");
            Carrier.await("both", () -> bench.typed.size() == 2);
            byte[] record = bench.carrier.seenToWorker().getLast();
            Bench bystander = bench;
            bystander.carrier.last().inject(record.clone());
            Carrier.await("ended", () -> bystander.carrier.last().over());
            assertEquals(2, bench.typed.size());
        }
    }

    @Test
    void i4AnotherWorkerCannotBeReachedWithThisOnesPackets() throws Exception {
        Path elsewhere = Bench.folder();
        Bench other = new Bench(elsewhere, "cellar");
        DeviceProfile there = other.enrolled(Scope.TERMINAL);
        assertNotNull(there);
        // The relay leads a device to another worker.
        var e =
                assertThrows(
                        CannotConnect.class,
                        () ->
                                DeviceConnection.open(
                                                other.carrier,
                                                dev.tendril.contract.channel.Initiator.session(
                                                        device.key(),
                                                        device.address(),
                                                        device.psk(),
                                                        bench.clock))
                                        .close());
        assertFalse(e.lasting());
        assertEquals(List.of(), other.typed);
    }

    // ---- I5: pairing

    @Test
    void i5ASwappedKeyAtPairingFailsOnBothSides() throws Exception {
        PairingLink link = bench.link(Scope.TERMINAL);
        StaticKey relays = StaticKey.generate();
        WorkerAddress forged =
                new WorkerAddress(
                        link.address().relay(),
                        link.address().workspace(),
                        link.address().worker(),
                        link.address().device(),
                        relays.publicKey());
        int asked = bench.asked.size();
        assertThrows(
                CannotConnect.class,
                () -> bench.enrol(new PairingLink(forged, link.secret()), "victim"));
        byte[] guess = link.secret();
        guess[0] ^= 1;
        assertThrows(
                CannotConnect.class,
                () -> bench.enrol(new PairingLink(link.address(), guess), "thief"));
        assertEquals(asked, bench.asked.size(), "the owner is not even asked");
        bench.enrol(link, "honest");
        assertEquals(asked + 1, bench.asked.size());
    }

    @Test
    void i5HandshakesWithoutTheSecretDoNotUseTheLinkUp() throws Exception {
        PairingLink link = bench.link(Scope.TERMINAL);
        for (int i = 0; i < 5; i++) {
            byte[] secret = new byte[16];
            secret[0] = (byte) i;
            assertThrows(
                    CannotConnect.class,
                    () -> bench.enrol(new PairingLink(link.address(), secret), "thief"));
        }
        bench.enrol(link, "honest");
        assertEquals(2, new DeviceFile(folder).list().size());
    }

    @Test
    void i5WhoOnlyCarriesAPairingCannotBeTheDevice() throws Exception {
        int before = bench.carrier.seenToWorker().size();
        bench.enrol(bench.link(Scope.TERMINAL), "second");
        List<byte[]> recorded =
                List.copyOf(bench.carrier.seenToWorker())
                        .subList(before, bench.carrier.seenToWorker().size());
        var stranger = bench.carrier.stranger(new CopyOnWriteArrayList<>());
        recorded.forEach(stranger::inject);
        Carrier.await("cut off", stranger::over);
        assertEquals(2, new DeviceFile(folder).list().size());
    }

    // ---- I3: rights

    @Test
    void i3NothingRaisesWhatADeviceMayDo() throws Exception {
        DeviceProfile reader = bench.enrol(bench.link(Scope.CHAT), "reader");
        try (DeviceConnection connection = bench.connect(reader)) {
            Bench.Open open = new Bench.Open(connection);
            Carrier.await("forbidden", () -> open.end != null);
            open.type("rm -rf");
        }
        // The other device's identifier with this one's key, and the other way round.
        for (DeviceProfile mixed :
                List.of(
                        mixed(device.address(), reader.key(), reader.psk()),
                        mixed(device.address(), reader.key(), device.psk()),
                        mixed(reader.address(), device.key(), reader.psk()),
                        mixed(device.address(), device.key(), reader.psk()))) {
            assertThrows(
                    CannotConnect.class,
                    () -> {
                        try (DeviceConnection connection = bench.connect(mixed)) {
                            new Bench.Open(connection).type("rm -rf");
                        }
                    });
        }
        assertEquals(List.of(), bench.typed);
    }

    private static DeviceProfile mixed(WorkerAddress address, StaticKey key, byte[] psk) {
        return new DeviceProfile(address, key, psk);
    }

    // ---- I2, I4: what a relay makes up

    @Test
    void i4NoPacketThatTheRelayMakesUpDoesAnything() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        byte[] opening;
        try (DeviceConnection connection = bench.connect(device)) {
            opening = open(bench.carrier.seenToWorker());
            assertNotNull(connection.line());
        }
        List<byte[]> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 30; i++) {
            var stranger = bench.carrier.stranger(heard);
            byte[] packet = opening.clone();
            if (i < 15) {
                packet[random.nextInt(packet.length)] ^= (byte) (1 + random.nextInt(255));
            } else {
                packet = new byte[1 + random.nextInt(300)];
                random.nextBytes(packet);
                packet[0] = (byte) random.nextInt(4);
            }
            stranger.inject(packet);
            Carrier.await("cut off", stranger::over);
            LockSupport.parkNanos(30_000_000); // below the limit of handshakes
        }
        assertEquals(List.of(), heard, "strangers hear nothing");
        assertEquals(List.of(), bench.typed);
    }

    @Test
    void i2NoFrameOfALinkCarriesMoreThanPacketsAndTheirNumbers() {
        // Closed: adding a frame that could carry a command breaks this, on purpose.
        assertEquals(
                Set.of("Opened", "Packet", "Closed", "Ping", "Pong"),
                Set.copyOf(
                        Arrays.stream(LinkFrame.class.getPermittedSubclasses())
                                .map(Class::getSimpleName)
                                .toList()));
        Set<Class<?>> fields = new java.util.HashSet<>();
        for (Class<?> frame : LinkFrame.class.getPermittedSubclasses()) {
            Arrays.stream(frame.getRecordComponents()).forEach(c -> fields.add(c.getType()));
        }
        assertEquals(Set.of(int.class, long.class, byte[].class), fields);
    }

    @Test
    void handshakesAreLimitedAndAFloodLetsTheOwnerIn() throws Exception {
        byte[] opening;
        try (DeviceConnection connection = bench.connect(device)) {
            opening = open(bench.carrier.seenToWorker());
            assertNotNull(connection.line());
        }
        List<byte[]> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 200; i++) {
            bench.carrier.stranger(heard).inject(opening);
        }
        LockSupport.parkNanos(1_500_000_000L);
        assertTrue(heard.size() < 90, "answered handshakes: " + heard.size());
        try (DeviceConnection connection = patiently()) {
            Bench.Open open = new Bench.Open(connection);
            open.type("still");
            Carrier.await("echo", () -> open.heard.contains("still"));
        }
    }

    // ---- I10: what never crosses

    @Test
    void i10NoSecretOfTheWorkerIsInAnyByteThatItSends() throws Exception {
        PairingLink link = bench.link(Scope.TERMINAL);
        bench.enrol(link, "second");
        try (DeviceConnection connection = bench.connect(device)) {
            Bench.Open open = new Bench.Open(connection);
            open.type(CANARY);
            Carrier.await("echo", () -> open.heard.contains(CANARY));
        }
        List<byte[]> secrets = new ArrayList<>(List.of(link.secret(), device.psk()));
        secrets.add(device.key().exportPrivate());
        secrets.add(
                java.util.Base64.getDecoder()
                        .decode(Files.readString(folder.resolve("channel.key")).strip()));
        new DeviceFile(folder).list().forEach(d -> secrets.add(d.psk()));
        for (byte[] packet : bench.carrier.all()) {
            String text = new String(packet, StandardCharsets.ISO_8859_1);
            for (byte[] secret : secrets) {
                assertFalse(text.contains(new String(secret, StandardCharsets.ISO_8859_1)));
            }
        }
        assertUnreadable(bench.carrier.all());
    }

    // ---- I12: the owner's hand

    @Test
    void i12WhatTheOwnerEndsStaysEnded() throws Exception {
        try (DeviceConnection connection = bench.connect(device)) {
            Bench.Open open = new Bench.Open(connection);
            assertTrue(new DeviceFile(folder).revoke(device.address().device()));
            // The relay keeps the worker's goodbye from the device.
            bench.carrier.toDevice((_, _, _) -> {});
            bench.desk.reload();
            open.type("after the end");
            LockSupport.parkNanos(200_000_000);
            assertEquals(List.of(), bench.typed);
        } finally {
            bench.carrier.honest();
        }
        assertThrows(CannotConnect.class, () -> bench.connect(device).close());
    }

    // ---- I14: silence

    @Test
    void i14SilenceIsNoticedByBothSides() throws Exception {
        try (DeviceConnection connection = bench.connect(device)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("x");
            Carrier.await("echo", () -> open.heard.contains("x"));
            bench.carrier.toWorker((_, _, _) -> {});
            bench.carrier.toDevice((_, _, _) -> {});
            // Pings are due after 15 s, and are missed after 40 more.
            bench.clock.advance(java.time.Duration.ofSeconds(16));
            LockSupport.parkNanos(1_200_000_000L);
            bench.clock.advance(java.time.Duration.ofSeconds(41));
            assertTrue(connection.awaitEnd(5_000));
            // Whoever notices first hangs up, and the other one is cut.
            assertTrue(Set.of(CloseReason.SILENCE, CloseReason.CUT).contains(connection.reason()));
            Carrier.await("the worker too", () -> bench.carrier.last().over());
        } finally {
            bench.carrier.honest();
        }
    }

    @Test
    void i14ACutOffEndIsToldApartFromAnEnd() throws Exception {
        try (DeviceConnection connection = bench.connect(device)) {
            new Bench.Open(connection);
            bench.carrier.last().cut();
            assertTrue(connection.awaitEnd(5_000));
            assertEquals(CloseReason.CUT, connection.reason());
        }
    }

    @Test
    void i14WhatIsHeldBackTooLongIsRefused() throws Exception {
        try (DeviceConnection connection = bench.connect(device)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("x");
            Carrier.await("echo", () -> open.heard.contains("x"));
            List<byte[]> held = new CopyOnWriteArrayList<>();
            bench.carrier.toWorker((_, p, _) -> held.add(p));
            open.type("late");
            bench.carrier.toWorker((_, _, _) -> {});
            bench.clock.advance(java.time.Duration.ofSeconds(56));
            held.forEach(bench.carrier.last()::inject);
            assertTrue(connection.awaitEnd(5_000) || bench.carrier.last().over());
            assertEquals(List.of("x"), bench.typed);
        } finally {
            bench.carrier.honest();
        }
    }
}
