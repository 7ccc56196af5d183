package dev.tendril.contract.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Java and TypeScript speak with each other, live, in both roles, with random ephemerals.
///
/// Needs Node.js and the npm packages of `web/`; skipped without them, unless
/// `-Dchannel.interop=required`.
class ChannelInteropTest {

    private static final Path WEB = Path.of("../../web");
    private static final long PATIENCE_SECONDS = 20;

    @TempDir static Path folder;
    private static Path peer = Path.of("");

    @BeforeAll
    static void bundle() throws IOException, InterruptedException {
        Path rolldown = WEB.resolve("node_modules/.bin/rolldown");
        boolean ready = Files.exists(rolldown);
        if ("required".equals(System.getProperty("channel.interop"))) {
            assertTrue(ready, "npm packages of web/ are missing");
        }
        Assumptions.assumeTrue(ready, "npm packages of web/ are missing");
        peer = folder.resolve("peer.mjs");
        Process process =
                new ProcessBuilder(
                                rolldown.toAbsolutePath().toString(),
                                "packages/channel/interop/peer.ts",
                                "--platform",
                                "node",
                                "--format",
                                "esm",
                                "-o",
                                peer.toString())
                        .directory(WEB.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("rolldown.log").toFile())
                        .start();
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("rolldown.log")));
    }

    private final StaticKey device = StaticKey.generate();
    private final StaticKey worker = StaticKey.generate();
    private final PairingLink link =
            PairingLink.create(
                    new WorkerAddress(Pair.RELAY, "home", "attic", "laptop-1", worker.publicKey()));
    private final byte[] psk = Initiator.fresh();

    @Test
    void aJavaWorkerUnderstandsADeviceInTypeScript() throws Exception {
        try (Node node = new Node("device", "session", device, psk)) {
            Channel channel = answer(node, Purpose.SESSION, psk);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            int frames = 0;
            while (frames < 41) {
                switch (node.deliver(channel)) {
                    case ChannelFrame.OpenStream f -> {
                        assertEquals("from node", new String(f.opening(), StandardCharsets.UTF_8));
                        frames++;
                    }
                    case ChannelFrame.Data f -> {
                        assertEquals((frames - 1) % 3 == 0, f.more());
                        got.writeBytes(f.bytes());
                        frames++;
                    }
                    case ChannelFrame other -> fail("delivered " + other);
                }
            }
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            for (int i = 0; i < 40; i++) {
                byte[] bytes = new byte[1 + i * 150];
                Arrays.fill(bytes, (byte) i);
                expected.writeBytes(bytes);
            }
            assertArrayEquals(expected.toByteArray(), got.toByteArray());
            node.write(channel.close(CloseReason.REVOKED));
            assertEquals(
                    List.of("digits " + channel.digits(), "closed revoked by peer"), node.said());
        }
    }

    @Test
    void aJavaDeviceUnderstandsAWorkerInTypeScript() throws Exception {
        try (Node node = new Node("worker", "session", worker, psk)) {
            Initiator initiator =
                    Initiator.session(device, link.address(), psk, InstantSource.system());
            Channel channel = establish(node, initiator);
            int stream = channel.nextStream();
            node.write(
                    channel.send(
                            new ChannelFrame.OpenStream(stream, StreamKind.TERMINAL, new byte[0])));
            byte[] whole = new byte[Packets.MAX_DATA_BYTES];
            new Random(1).nextBytes(whole);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            long credit = 0;
            for (int i = 0; i < 30; i++) {
                while (channel.sendable(stream) < whole.length) {
                    credit +=
                            node.deliver(channel) instanceof ChannelFrame.Data d ? keep(got, d) : 0;
                }
                node.write(channel.send(new ChannelFrame.Data(stream, i % 2 == 0, whole)));
                // The echo needs credit too.
                node.write(
                        channel.send(
                                new ChannelFrame.Credit(
                                        stream, channel.received(stream) + (2 << 20))));
            }
            while (got.size() < 30 * whole.length) {
                if (node.deliver(channel) instanceof ChannelFrame.Data d) {
                    credit += keep(got, d);
                }
            }
            assertEquals(30L * whole.length, credit);
            byte[] echoed = got.toByteArray();
            for (int i = 0; i < 30; i++) {
                assertArrayEquals(
                        whole,
                        Arrays.copyOfRange(echoed, i * whole.length, (i + 1) * whole.length));
            }
            node.write(channel.close(CloseReason.DONE));
            assertEquals(
                    List.of(
                            "offer session laptop-1 " + Fingerprint.ofKey(device.publicKey()),
                            "digits " + channel.digits(),
                            "closed done by peer"),
                    node.said());
        }
    }

    @Test
    void aDeviceInTypeScriptPairsWithAJavaWorker() throws Exception {
        try (Node node = new Node("device", "pair", device, psk)) {
            Channel channel = answer(node, Purpose.PAIR, link.psk());
            assertEquals(new ChannelFrame.PairRequest("node"), node.deliver(channel));
            node.write(channel.send(new ChannelFrame.PairGrant(psk, Set.of(Scope.TRACE))));
            assertInstanceOf(ChannelFrame.PairDone.class, node.deliver(channel));
            node.write(channel.close(CloseReason.DONE));
            assertEquals(
                    List.of(
                            "digits " + channel.digits(),
                            "granted " + Json.hex(psk) + " trace",
                            "closed done by peer"),
                    node.said());
        }
    }

    @Test
    void aJavaDevicePairsWithAWorkerInTypeScript() throws Exception {
        try (Node node = new Node("worker", "pair", worker, link.psk())) {
            Channel channel =
                    establish(node, Initiator.pairing(device, link, InstantSource.system()));
            node.write(channel.send(new ChannelFrame.PairRequest("Java 25")));
            ChannelFrame.PairGrant grant =
                    assertInstanceOf(ChannelFrame.PairGrant.class, node.deliver(channel));
            assertArrayEquals(link.psk(), grant.psk());
            assertEquals(Set.of(Scope.CHAT, Scope.TERMINAL), grant.scopes());
            node.write(channel.send(new ChannelFrame.PairDone()));
            node.write(channel.close(CloseReason.DONE));
            assertEquals("closed done by peer", node.said().getLast());
        }
    }

    private static int keep(ByteArrayOutputStream got, ChannelFrame.Data data) {
        got.writeBytes(data.bytes());
        return data.bytes().length;
    }

    private Channel answer(Node node, Purpose purpose, byte[] secret) throws IOException {
        Responder responder =
                Responder.of(worker, Pair.RELAY, "home", "attic", InstantSource.system());
        Responder.Reading.Offer offer =
                assertInstanceOf(Responder.Reading.Offer.class, responder.read(node.read()));
        assertEquals(purpose, offer.purpose());
        assertEquals("laptop-1", offer.device());
        assertArrayEquals(device.publicKey(), offer.deviceKey());
        Responder.Accepted accepted = offer.accept(secret);
        node.write(List.of(accepted.packet()));
        return accepted.channel();
    }

    private static Channel establish(Node node, Initiator initiator) throws IOException {
        node.write(List.of(((Initiator.Outcome.Opening) initiator.open()).packet()));
        Channel channel =
                assertInstanceOf(Initiator.Outcome.Established.class, initiator.finish(node.read()))
                        .channel();
        node.write(channel.tick());
        return channel;
    }

    /// The process of `web/packages/channel/interop/peer.ts`.
    private final class Node implements AutoCloseable {
        private final Process process;
        private final BlockingQueue<byte[]> packets = new LinkedBlockingQueue<>();
        private final DataOutputStream out;
        private final Path log;

        Node(String role, String purpose, StaticKey own, byte[] secret) throws IOException {
            log = Files.createTempFile(folder, "node", ".log");
            process =
                    new ProcessBuilder(
                                    "node",
                                    "--no-warnings",
                                    peer.toString(),
                                    role,
                                    purpose,
                                    Json.hex(own.exportPrivate()),
                                    Json.hex(secret),
                                    link.fragment())
                            .redirectError(log.toFile())
                            .start();
            out = new DataOutputStream(process.getOutputStream());
            // Always read, or both sides could wait in a write.
            Thread.startVirtualThread(this::pump);
        }

        private void pump() {
            try (DataInputStream in = new DataInputStream(process.getInputStream())) {
                while (true) {
                    byte[] packet = new byte[in.readInt()];
                    in.readFully(packet);
                    packets.add(packet);
                }
            } catch (IOException end) {
                // The test sees a missing packet.
            }
        }

        byte[] read() throws IOException {
            try {
                byte[] packet = packets.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return packet == null ? fail("no packet: " + Files.readString(log)) : packet;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void write(List<byte[]> packets) throws IOException {
            for (byte[] packet : packets) {
                out.writeInt(packet.length);
                out.write(packet);
            }
            out.flush();
        }

        /// The next frame that is for the caller.
        ChannelFrame deliver(Channel channel) throws IOException {
            while (true) {
                Received received = channel.receive(read());
                write(received.replies());
                switch (received) {
                    case Received.Delivered(ChannelFrame frame, _) -> {
                        return frame;
                    }
                    case Received.Nothing _ -> {}
                    case Received.Closed(CloseReason reason, _, _) ->
                            fail("closed: " + reason + ", " + Files.readString(log));
                }
            }
        }

        List<String> said() throws IOException, InterruptedException {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            return new ArrayList<>(Files.readAllLines(log));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
