package dev.tendril.relay.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.link.LinkFrame;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.link.LinkStore;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.io.IOException;
import java.net.Socket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Links with real WebSockets.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class LinkTest extends DatabaseTest {

    private Stage stage;
    private Links links;
    private Callers callers;
    private LinkStore store;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens, Links bean, Callers who, LinkStore where) {
        stage = new Stage(server, tokens, dataSource(), "link");
        links = bean;
        callers = who;
        store = where;
    }

    private LinkClient link(Stage.WorkerRole worker, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Authorization";
        all[headers.length + 1] = "Bearer " + worker.token();
        LinkClient client = new LinkClient(stage.uri(), "/api/v1/link", all);
        if (headers.length == 0) {
            Stage.await("held", Duration.ofSeconds(5), () -> store.where(worker.id()) != null);
        }
        return client;
    }

    private LinkClient device(Stage.WorkerRole worker) {
        return new LinkClient(stage.uri(), "/api/v1/link/" + worker.id());
    }

    @Test
    void packetsGoBothWaysInOrderAndEachConnectionHasItsOwn() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient worker = link(role);
                LinkClient one = device(role)) {
            assertEquals(new LinkFrame.Opened(1), worker.frame());
            try (LinkClient two = device(role)) {
                assertEquals(new LinkFrame.Opened(2), worker.frame());
                byte[] large = new byte[LinkFrame.MAX_PACKET_BYTES];
                for (int i = 0; i < 500; i++) {
                    one.send(number(i));
                    worker.send(new LinkFrame.Packet(1, number(-i)));
                }
                one.send(large);
                for (int i = 0; i < 500; i++) {
                    var packet = assertInstanceOf(LinkFrame.Packet.class, worker.frame());
                    assertEquals(1, packet.connection());
                    assertArrayEquals(number(i), packet.bytes());
                    assertArrayEquals(number(-i), one.next());
                }
                var packet = assertInstanceOf(LinkFrame.Packet.class, worker.frame());
                assertArrayEquals(large, packet.bytes());
                worker.send(new LinkFrame.Packet(2, large));
                assertArrayEquals(large, two.next());
                worker.send(new LinkFrame.Closed(2, 4242));
                assertEquals("4242", two.closed().substring(0, 4));
            }
            one.close();
            assertEquals(new LinkFrame.Closed(1, 1000), worker.frame());
        }
        Stage.await("row gone", Duration.ofSeconds(5), () -> store.where(role.id()) == null);
    }

    private static byte[] number(int i) {
        return ByteBuffer.allocate(4).putInt(i).array();
    }

    @Test
    void onlyAWorkersSessionOpensALinkAndNoPageOpensAny() throws Exception {
        String visitor = "Bearer " + stage.visitor().token();
        assertEquals(401, refused("/api/v1/link"));
        assertEquals(403, refused("/api/v1/link", "Authorization", visitor));
        Stage.WorkerRole role = stage.worker();
        assertEquals(
                403,
                refused(
                        "/api/v1/link",
                        "Authorization",
                        "Bearer " + role.token(),
                        "Origin",
                        "https://evil.example"));
        try (LinkClient page =
                link(role, "Origin", stage.uri().toString())) { // as a page of the relay itself
            assertEquals("4403 forbidden", page.closed());
        }
        try (LinkClient page =
                new LinkClient(
                        stage.uri(),
                        "/api/v1/link/" + role.id(),
                        "Origin",
                        stage.uri().toString())) {
            assertEquals("4403 forbidden", page.closed());
        }
        assertNull(links.of(role.id()));
    }

    private int refused(String path, String... headers) {
        var e =
                assertThrows(
                        CompletionException.class,
                        () -> new LinkClient(stage.uri(), path, headers).close());
        return assertInstanceOf(WebSocketHandshakeException.class, e.getCause())
                .getResponse()
                .statusCode();
    }

    @Test
    void aDeviceOfAWorkerThatIsAwayOrElsewhereIsToldSo() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient device = device(role)) {
            assertEquals("4404 away", device.closed());
        }
        store.hold(stage.workspace(), role.id(), "relay-b");
        try (LinkClient device = device(role)) {
            assertEquals("4421 relay-b", device.closed());
        }
        stage.sql(
                "update worker_link set seen_at = now() - interval '1 min' where worker_id = '%s'"
                        .formatted(role.id()));
        try (LinkClient device = device(role)) {
            assertEquals("4404 away", device.closed(), "a dead relay's row");
        }
    }

    @Test
    void aNewerLinkOfTheSameWorkerTakesThePlaceAndItsDevicesGo() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient first = link(role);
                LinkClient device = device(role)) {
            assertEquals(new LinkFrame.Opened(1), first.frame());
            try (LinkClient second = link(role)) {
                assertEquals("4409 replaced", first.closed());
                assertTrue(device.closed().startsWith("4404"));
                try (LinkClient again = device(role)) {
                    assertEquals(new LinkFrame.Opened(1), second.frame());
                    again.send(new byte[] {1});
                    assertInstanceOf(LinkFrame.Packet.class, second.frame());
                }
            }
        }
    }

    @Test
    void whatIsNoFrameEndsTheLinkAndWhatIsNoPacketTheDevice() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient worker = link(role);
                LinkClient device = device(role)) {
            assertEquals(new LinkFrame.Opened(1), worker.frame());
            device.send(new byte[LinkFrame.MAX_PACKET_BYTES + 1]);
            assertTrue(device.closed().startsWith("4400"));
            assertInstanceOf(LinkFrame.Closed.class, worker.frame());
            try (LinkClient huge = device(role)) {
                assertEquals(new LinkFrame.Opened(2), worker.frame());
                huge.send(new byte[1 << 20]);
                assertFalse(huge.closed().isEmpty());
                assertInstanceOf(LinkFrame.Closed.class, worker.frame());
            } catch (CompletionException e) {
                // The relay hung up while it was still being written.
            }
            worker.send(new LinkFrame.Opened(3));
            assertEquals("4400 malformed", worker.closed());
        }
    }

    @Test
    void noMoreDevicesThanTheWorkerMayHave() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient worker = link(role)) {
            LinkClient[] devices = new LinkClient[WorkerLink.MOST_DEVICES];
            for (int i = 0; i < devices.length; i++) {
                devices[i] = device(role);
                assertEquals(new LinkFrame.Opened(i + 1), worker.frame());
            }
            try (LinkClient more = device(role)) {
                assertEquals("4429 too_many", more.closed());
            }
            devices[0].close();
            assertEquals(new LinkFrame.Closed(1, 1000), worker.frame());
            try (LinkClient more = device(role)) {
                assertInstanceOf(LinkFrame.Opened.class, worker.frame());
                assertTrue(more.equals(more));
            }
            for (LinkClient device : devices) {
                device.close();
            }
        }
    }

    @Test
    void whoIsSilentOrRevokedIsCutOff() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient worker = link(role)) {
            assertInstanceOf(LinkFrame.Ping.class, LinkFrame.decode(worker.next()));
            worker.send(new LinkFrame.Ping(77));
            assertEquals(new LinkFrame.Pong(77), worker.frame());
            links.dropSilent(System.nanoTime() + TimeUnit.SECONDS.toNanos(17));
            worker.send(new LinkFrame.Ping(78));
            assertEquals(new LinkFrame.Pong(78), worker.frame());
            links.dropSilent(System.nanoTime() + TimeUnit.SECONDS.toNanos(19));
            assertEquals("4440 silent", worker.closed());
        }
        try (LinkClient worker = link(role)) {
            stage.sql("update worker set revoked_at = now() where id = '%s'".formatted(role.id()));
            callers.forget(role.id());
            links.dropRevoked();
            assertEquals("4401 unauthorized", worker.closed());
        }
    }

    @Test
    void aDeviceThatTakesNothingIsCutOffAndSlowsNobody() throws Exception {
        Stage.WorkerRole role = stage.worker();
        try (LinkClient worker = link(role);
                Socket stuck = upgrade("/api/v1/link/" + role.id())) {
            assertEquals(new LinkFrame.Opened(1), worker.frame());
            assertTrue(head(stuck).startsWith("HTTP/1.1 101"));
            try (LinkClient other = device(role)) {
                assertEquals(new LinkFrame.Opened(2), worker.frame());
                byte[] large = new byte[60_000];
                // The kernel's own buffers take some megabytes first.
                for (int i = 0; i < 400; i++) {
                    worker.send(new LinkFrame.Packet(1, large));
                }
                worker.send(new LinkFrame.Packet(2, number(5)));
                assertArrayEquals(number(5), other.next());
                assertEquals(new LinkFrame.Ping(1), ping(worker));
            }
        }
    }

    private static LinkFrame ping(LinkClient worker) throws InterruptedException {
        worker.send(new LinkFrame.Ping(1));
        while (true) {
            if (worker.frame() instanceof LinkFrame.Pong(long id)) {
                return new LinkFrame.Ping(id);
            }
        }
    }

    @Test
    void compressionIsNotNegotiated() throws IOException {
        try (Socket socket = upgrade("/api/v1/link/" + UUID.randomUUID())) {
            String head = head(socket);
            assertTrue(head.startsWith("HTTP/1.1 101"), head);
            assertFalse(head.toLowerCase(java.util.Locale.ROOT).contains("extensions"), head);
        }
    }

    private Socket upgrade(String path) throws IOException {
        Socket socket = new Socket(stage.uri().getHost(), stage.uri().getPort());
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write(
                        ("""
                        GET %s HTTP/1.1\r
                        Host: relay.example\r
                        Connection: Upgrade\r
                        Upgrade: websocket\r
                        Sec-WebSocket-Version: 13\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        Sec-WebSocket-Protocol: tendril.link.v1\r
                        Sec-WebSocket-Extensions: permessage-deflate\r
                        \r
                        """
                                        .formatted(path))
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = socket.getInputStream().read();
            if (b < 0) {
                break;
            }
            head.append((char) b);
        }
        return head.toString();
    }
}
