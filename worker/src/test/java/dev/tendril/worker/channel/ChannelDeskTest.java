package dev.tendril.worker.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.worker.attach.CannotConnect;
import dev.tendril.worker.attach.DeviceConnection;
import dev.tendril.worker.attach.DeviceProfile;
import dev.tendril.worker.attach.Enrolment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Pairing, devices and their rights, over a relay that does as it should.
class ChannelDeskTest {

    private final Path folder = Bench.folder();
    private Bench bench;

    @BeforeEach
    void start() throws IOException {
        bench = new Bench(folder);
    }

    @Test
    void aDeviceIsPairedOnceAndComesBack() throws Exception {
        List<String> shown = new ArrayList<>();
        DeviceProfile profile =
                Enrolment.run(
                        bench.link(Scope.TERMINAL),
                        "laptop",
                        bench.carrier,
                        bench.clock,
                        (digits, fingerprint) -> shown.add("laptop " + digits + " " + fingerprint),
                        made -> made.save(folder.resolve("device"), "laptop"));
        assertEquals(shown, bench.asked, "both sides show the same");
        Carrier.await("told", () -> bench.told.contains("enrolled laptop"));
        EnrolledDevice device = new DeviceFile(folder).list().getFirst();
        assertEquals("laptop", device.label());
        assertEquals(Set.of(Scope.TERMINAL), device.scopes());
        assertTrue(shown.getFirst().endsWith(device.fingerprint()));
        for (String file : new String[] {"devices.json", "channel.key", "device/laptop.json"}) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve(file))),
                    file);
        }
        DeviceProfile stored = DeviceProfile.load(folder.resolve("device"), "laptop");
        assertEquals(profile.address().device(), stored.address().device());
        for (int i = 0; i < 3; i++) {
            try (DeviceConnection connection = bench.connect(stored)) {
                Bench.Open open = new Bench.Open(connection);
                open.type("hello " + i);
                String text = "hello " + i;
                Carrier.await("echo", () -> open.heard.contains(text));
            }
        }
        // The worker starts anew: key and devices are still good.
        Bench again = new Bench(folder);
        try (DeviceConnection connection = again.connect(stored)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("after");
            Carrier.await("echo", () -> open.heard.contains("after"));
        }
        Carrier.await("seen", () -> seen(folder));
    }

    private static boolean seen(Path folder) {
        try {
            return new DeviceFile(folder).list().getFirst().seenAt() != null;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void alinkIsGoodForOneUseAndTenMinutes() throws Exception {
        PairingLink link = bench.link(Scope.TERMINAL);
        bench.enrol(link, "first");
        assertThrows(CannotConnect.class, () -> bench.enrol(link, "second"));
        assertEquals(1, bench.asked.size());
        PairingLink late = bench.link(Scope.TERMINAL);
        bench.clock.advance(Duration.ofMinutes(10));
        assertThrows(CannotConnect.class, () -> bench.enrol(late, "late"));
        assertEquals(1, bench.asked.size());
        bench.agrees = false;
        PairingLink refused = bench.link(Scope.TERMINAL);
        var no = assertThrows(CannotConnect.class, () -> bench.enrol(refused, "no"));
        assertTrue(no.getMessage().contains("said no"), no.getMessage());
        bench.agrees = true;
        assertThrows(CannotConnect.class, () -> bench.enrol(refused, "again"), "used up by asking");
        assertEquals(1, new DeviceFile(folder).list().size());
    }

    @Test
    void noMoreThanFourLinksAreOpen() {
        for (int i = 0; i < 4; i++) {
            bench.link(Scope.CHAT);
        }
        assertThrows(IllegalStateException.class, () -> bench.link(Scope.CHAT));
        bench.clock.advance(Duration.ofMinutes(10));
        bench.link(Scope.CHAT);
    }

    @Test
    void aDeviceWhoseLastWordWasLostIsEnrolledByItsFirstSession() throws Exception {
        PairingLink link = bench.link(Scope.TERMINAL);
        // The third packet of the device after its opening carries PairDone.
        List<DeviceProfile> kept = new ArrayList<>();
        DeviceProfile profile =
                Enrolment.run(
                        link,
                        "laptop",
                        bench.carrier,
                        bench.clock,
                        (_, _) -> {},
                        made -> {
                            kept.add(made);
                            bench.carrier.toWorker((_, _, _) -> {});
                        });
        bench.carrier.honest();
        assertEquals(List.of(), new DeviceFile(folder).list());
        try (DeviceConnection connection = bench.connect(profile)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("x");
            Carrier.await("echo", () -> open.heard.contains("x"));
        }
        assertEquals("laptop", new DeviceFile(folder).list().getFirst().label());
    }

    @Test
    void whatARevokedDeviceHasOpenEndsAtOnce() throws Exception {
        DeviceProfile profile = bench.enrolled(Scope.TERMINAL);
        try (DeviceConnection connection = bench.connect(profile)) {
            Bench.Open open = new Bench.Open(connection);
            open.type("x");
            Carrier.await("echo", () -> open.heard.contains("x"));
            assertTrue(new DeviceFile(folder).revoke("laptop"));
            bench.desk.reload();
            assertTrue(connection.awaitEnd(5_000));
            assertEquals(CloseReason.REVOKED, connection.reason());
        }
        assertThrows(CannotConnect.class, () -> bench.connect(profile).close());
        assertFalse(new DeviceFile(folder).revoke("laptop"));
    }

    @Test
    void scopesHoldFromTheNextStreamOnAndForOpenOnes() throws Exception {
        DeviceProfile profile = bench.enrolled(Scope.CHAT);
        try (DeviceConnection connection = bench.connect(profile)) {
            Bench.Open refused = new Bench.Open(connection);
            Carrier.await("end", () -> refused.end == StreamEnd.FORBIDDEN);
            DeviceFile file = new DeviceFile(folder);
            assertTrue(file.update("laptop", d -> d.scoped(Set.of(Scope.TERMINAL))));
            bench.desk.reload();
            Bench.Open open = new Bench.Open(connection);
            open.type("x");
            Carrier.await("echo", () -> open.heard.contains("x"));
            assertTrue(file.update("laptop", d -> d.scoped(Set.of(Scope.TRACE)).labelled("old")));
            bench.desk.reload();
            Carrier.await("end", () -> open.end == StreamEnd.FORBIDDEN);
            open.type("y");
            assertFalse(bench.typed.contains("y"));
            assertEquals("old", file.list().getFirst().label());
        }
    }

    @Test
    void longMessagesWaitForCreditAndArriveWhole() throws Exception {
        DeviceProfile profile = bench.enrolled(Scope.TERMINAL);
        try (DeviceConnection connection = bench.connect(profile)) {
            Bench.Open open = new Bench.Open(connection);
            String text = "0123456789abcdef".repeat(12_000);
            for (int i = 0; i < 10; i++) {
                open.type(i + text);
            }
            Carrier.await("all", () -> open.heard.size() == 10);
            for (int i = 0; i < 10; i++) {
                assertEquals(i + text, open.heard.get(i));
            }
            open.type("x".repeat(300_000));
            Carrier.await("limit", () -> open.end == StreamEnd.LIMIT);
        }
    }

    @Test
    void aDevicesFileThatNobodyWroteLetsNobodyIn() throws Exception {
        DeviceProfile profile = bench.enrolled(Scope.TERMINAL);
        Files.writeString(folder.resolve("devices.json"), "{\"devices\":[{\"id\":1}]}");
        assertThrows(CannotConnect.class, () -> bench.connect(profile).close());
        assertThrows(IOException.class, () -> new DeviceFile(folder).list());
    }

    @Test
    void originsHaveOneSpelling() {
        assertEquals(
                "https://a.example",
                ChannelDesk.origin(java.net.URI.create("https://A.example:443/x/")));
        assertEquals(
                "http://[::1]:8080", ChannelDesk.origin(java.net.URI.create("http://[::1]:8080")));
    }
}
