package dev.tendril.contract.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// Java's side of the shared vectors `wire/channel-*.json`: what this side makes of fixed keys,
/// clocks and attacks is exactly what stands there. `-Dchannel.vectors=write` writes them anew.
class ChannelWireTest {

    private static final byte[] NOTHING = new byte[0];

    private static void matches(String file, Map<String, Object> made) {
        assertEquals(Json.golden(file, made), Json.text(made), file);
    }

    // ---- frames

    @Test
    void frames() {
        List<Map<String, Object>> good = new ArrayList<>();
        for (ChannelFrame frame :
                List.of(
                        new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING),
                        new ChannelFrame.OpenStream(2, StreamKind.APPROVAL, Pair.sequence(0)),
                        new ChannelFrame.OpenStream(0x7fffffff, StreamKind.OPERATOR, ascii("{}")),
                        new ChannelFrame.OpenStream(3, StreamKind.WATCH, ascii("x")),
                        new ChannelFrame.CloseStream(1, StreamEnd.DONE),
                        new ChannelFrame.CloseStream(7, StreamEnd.FAILED),
                        new ChannelFrame.Data(1, false, ascii("ls -la\r")),
                        new ChannelFrame.Data(9, true, Pair.sequence(0xf0)),
                        new ChannelFrame.Credit(1, 0),
                        new ChannelFrame.Credit(1, Packets.MAX_NUMBER),
                        new ChannelFrame.Ping(1),
                        new ChannelFrame.Pong(Packets.MAX_NUMBER, Pair.sequence(1)),
                        new ChannelFrame.Rekey(1),
                        new ChannelFrame.PairRequest("Küche 💻"),
                        new ChannelFrame.PairGrant(
                                Pair.sequence(2), Set.of(Scope.CHAT, Scope.ADMIN)),
                        new ChannelFrame.PairGrant(Pair.sequence(3), Set.of()),
                        new ChannelFrame.PairDone(),
                        new ChannelFrame.Close(CloseReason.DONE),
                        new ChannelFrame.Close(CloseReason.HANDSHAKE_TIMEOUT))) {
            byte[] encoded = FrameCodec.encode(frame);
            good.add(
                    ordered(
                            "frame", Frames.json(frame),
                            "encoded", encoded,
                            "padded", FrameCodec.pad(encoded)));
        }
        List<Map<String, Object>> bad = new ArrayList<>();
        String[][] refused = {
            {"", "malformed", "no type"},
            {"00", "unknown_type", "type 0"},
            {"09", "unknown_type", "type between the groups"},
            {"7f", "unknown_type", "type 127"},
            {"ff", "unknown_type", "type 255"},
            {"010000000000020000", "malformed", "stream 0"},
            {"018000000000020000", "malformed", "stream beyond 31 bits"},
            {"010000000100000000", "unknown_kind", "kind 0"},
            {"01000000017fff0000", "unknown_kind", "kind 32767"},
            {"010000000100020401", "oversize", "opening of 1025 bytes"},
            {"0100000001000200", "malformed", "opening's length cut"},
            {"010000000100020001", "malformed", "opening cut"},
            {"01000000010002000000", "malformed", "byte after the opening"},
            {"020000000100", "malformed", "end 0"},
            {"0200000001ff", "malformed", "end 255"},
            {"0300000001", "malformed", "data without flags"},
            {"030000000100", "malformed", "data without bytes"},
            {"03000000010261", "malformed", "data with an unknown flag"},
            {"0400000001ffffffffffffffff", "malformed", "negative credit"},
            {"04000000010020000000000000", "malformed", "credit beyond 53 bits"},
            {"0400000001", "malformed", "credit cut"},
            {"05", "malformed", "ping without id"},
            {"05000000000000000100", "malformed", "byte after a ping"},
            {"060000000000000001", "malformed", "pong without chain"},
            {"0700000000", "malformed", "epoch 0"},
            {"0780000000", "malformed", "epoch beyond 31 bits"},
            {"0800", "malformed", "reason 0"},
            {"08ff", "malformed", "reason 255"},
            {"100000", "malformed", "empty label"},
            {"10000141ff", "malformed", "byte after the label"},
            {"1000020a41", "malformed", "label with a control character"},
            {"100003e280ae", "malformed", "label with a direction override"},
            {"100002c328", "malformed", "label in broken UTF-8"},
            {"100003eda080", "malformed", "label with a surrogate"},
            {"10ffff41", "malformed", "label longer than the frame"},
            {"11" + "00".repeat(33), "malformed", "grant cut"},
            {"11" + "00".repeat(32) + "0010", "malformed", "unknown scope"},
            {"1200", "malformed", "byte after pairing's end"},
        };
        for (String[] one : refused) {
            Violation violation =
                    assertThrows(
                            Violation.class, () -> FrameCodec.decode(Json.bytes(one[0])), one[2]);
            assertEquals(one[1], violation.reason().wireName(), one[2]);
            bad.add(ordered("name", one[2], "encoded", one[0], "reason", one[1]));
        }
        String label = "6c".repeat(65);
        bad.add(
                ordered(
                        "name", "label of 65 characters",
                        "encoded", "100041" + label,
                        "reason", "malformed"));
        assertThrows(Violation.class, () -> FrameCodec.decode(Json.bytes("100041" + label)));
        List<String> padding = new ArrayList<>();
        for (String broken :
                List.of(
                        "00".repeat(32),
                        "80" + "00".repeat(31),
                        "05".repeat(32),
                        "05" + "80" + "00".repeat(62),
                        "05".repeat(31) + "81",
                        "05" + "80" + "00".repeat(29) + "01")) {
            assertThrows(Violation.class, () -> FrameCodec.unpad(Json.bytes(broken)), broken);
            padding.add(broken);
        }
        matches("channel-frames.json", ordered("good", good, "bad", bad, "badPadding", padding));
        for (JsonNode one : Json.list(Json.read("channel-frames.json"), "good")) {
            ChannelFrame frame = Frames.of(Json.field(one, "frame"));
            assertEquals(Json.text(one, "encoded"), Json.hex(FrameCodec.encode(frame)));
        }
    }

    // ---- handshake

    @Test
    void handshake() {
        Pair pair = Pair.session(Limits.STANDARD);
        Map<String, Object> made = keys();
        made.put("prologue", Pair.ADDRESS.prologue(Purpose.SESSION).encode());
        made.put("open", pair.open);
        made.put("accept", pair.accept);
        made.put("digits", pair.device.digits());
        made.put("deviceFingerprint", Fingerprint.ofKey(Pair.DEVICE.publicKey()));
        made.put("workerFingerprint", Fingerprint.ofKey(Pair.WORKER.publicKey()));
        assertEquals(pair.device.digits(), pair.worker.digits());

        List<Map<String, Object>> runs = new ArrayList<>();
        runs.add(
                runs(
                        "open",
                        "flip",
                        0x01,
                        pair.open.length,
                        i -> openAs(Pair.flip(pair.open, i, 1))));
        runs.add(
                runs(
                        "open",
                        "flip",
                        0x80,
                        pair.open.length,
                        i -> openAs(Pair.flip(pair.open, i, 0x80))));
        runs.add(
                runs("open", "truncate", 0, pair.open.length, i -> openAs(Pair.cut(pair.open, i))));
        runs.add(
                runs(
                        "accept",
                        "flip",
                        0x01,
                        pair.accept.length,
                        i -> acceptAs(Pair.flip(pair.accept, i, 1))));
        runs.add(
                runs(
                        "accept",
                        "flip",
                        0x80,
                        pair.accept.length,
                        i -> acceptAs(Pair.flip(pair.accept, i, 0x80))));
        runs.add(
                runs(
                        "accept",
                        "truncate",
                        0,
                        pair.accept.length,
                        i -> acceptAs(Pair.cut(pair.accept, i))));
        made.put("mutations", runs);

        List<Map<String, Object>> toWorker = new ArrayList<>();
        record Wrong(String name, StaticKey key, String relay, String workspace, String id) {}
        StaticKey other = StaticKey.of(Pair.sequence(0x99));
        for (Wrong wrong :
                List.of(
                        new Wrong("other static key", other, Pair.RELAY, "home", "attic"),
                        new Wrong(
                                "other relay",
                                Pair.WORKER,
                                "https://relay.example:8443",
                                "home",
                                "attic"),
                        new Wrong(
                                "other scheme",
                                Pair.WORKER,
                                "http://relay.example",
                                "home",
                                "attic"),
                        new Wrong("other workspace", Pair.WORKER, Pair.RELAY, "house", "attic"),
                        new Wrong("other worker", Pair.WORKER, Pair.RELAY, "home", "cellar"))) {
            Responder responder =
                    Responder.of(wrong.key, wrong.relay, wrong.workspace, wrong.id, pair.clock);
            String reason = reason(responder.read(pair.open));
            assertEquals("handshake_failed", reason, wrong.name);
            toWorker.add(
                    ordered(
                            "name", wrong.name,
                            "relay", wrong.relay,
                            "workspace", wrong.workspace,
                            "worker", wrong.id,
                            "workerStatic", wrong.key.exportPrivate(),
                            "packet", pair.open,
                            "reason", reason));
        }
        byte[] pairingOpen = Pair.pairing(Limits.STANDARD).open;
        Map<String, byte[]> altered = new LinkedHashMap<>();
        altered.put("other device", replace(pair.open, 6 + 7, (byte) '2'));
        altered.put("session passed off as pairing", replace(pair.open, 3, (byte) 2));
        altered.put("pairing passed off as session", replace(pairingOpen, 3, (byte) 1));
        altered.put("device with a space", replace(pair.open, 6, (byte) ' '));
        altered.put("longer by a byte", Arrays.copyOf(pair.open, pair.open.length + 1));
        altered.put("an accept", pair.accept);
        altered.put("swapped device key, sealed for another worker", swapped());
        int lowOrder = 0;
        for (JsonNode point : Json.list(Json.read("channel-x25519.json"), "lowOrder")) {
            byte[] bytes = Json.bytes(point.getStringValue());
            altered.put("low-order ephemeral " + lowOrder, splice(pair.open, 6 + 8, bytes));
            altered.put("low-order static " + lowOrder++, lowOrderStatic(bytes));
        }
        altered.forEach((name, packet) ->
                toWorker.add(
                        ordered(
                                "name",
                                name,
                                "relay",
                                Pair.RELAY,
                                "workspace",
                                "home",
                                "worker",
                                "attic",
                                "workerStatic",
                                Pair.WORKER_STATIC,
                                "packet",
                                packet,
                                "reason",
                                openAs(packet))));
        made.put("toWorker", toWorker);

        List<Map<String, Object>> toDevice = new ArrayList<>();
        Map<String, byte[]> answers = new LinkedHashMap<>();
        answers.put("wrong psk", answer(Pair.WORKER, Pair.sequence(0xd1)));
        answers.put("reflected open", pair.open);
        answers.put("answer of the next session", Pair.nextSession(Limits.STANDARD).accept);
        lowOrder = 0;
        for (JsonNode point : Json.list(Json.read("channel-x25519.json"), "lowOrder")) {
            answers.put(
                    "low-order ephemeral " + lowOrder++,
                    splice(pair.accept, 3, Json.bytes(point.getStringValue())));
        }
        answers.forEach((name, packet) ->
                toDevice.add(ordered("name", name, "packet", packet, "reason", acceptAs(packet))));
        made.put("toDevice", toDevice);
        matches("channel-handshake.json", made);
    }

    private static String openAs(byte[] packet) {
        return reason(
                Pair.responder(
                                Pair.WORKER,
                                Limits.STANDARD,
                                new Pair.Clock(),
                                Pair.WORKER_EPHEMERAL)
                        .read(packet));
    }

    private static String reason(Responder.Reading reading) {
        return switch (reading) {
            case Responder.Reading.Offer _ -> "offered";
            case Responder.Reading.Refused(CloseReason reason) -> reason.wireName();
        };
    }

    private static String acceptAs(byte[] packet) {
        Initiator initiator =
                Initiator.of(
                        Pair.DEVICE,
                        Pair.ADDRESS,
                        Pair.PSK,
                        Purpose.SESSION,
                        Limits.STANDARD,
                        new Pair.Clock(),
                        Pair.DEVICE_EPHEMERAL::clone);
        initiator.open();
        return switch (initiator.finish(packet)) {
            case Initiator.Outcome.Established _ -> "established";
            case Initiator.Outcome.Failed(CloseReason reason) -> reason.wireName();
            case Initiator.Outcome.Opening _ -> throw new AssertionError();
        };
    }

    private static byte[] answer(StaticKey key, byte[] psk) {
        Responder responder =
                Pair.responder(key, Limits.STANDARD, new Pair.Clock(), Pair.WORKER_EPHEMERAL);
        byte[] open = Pair.session(Limits.STANDARD).open;
        return ((Responder.Reading.Offer) responder.read(open)).accept(psk).packet();
    }

    /// A relay that answers a link with a worker key of its own: the device it fools makes this.
    private static byte[] swapped() {
        WorkerAddress relays =
                new WorkerAddress(
                        Pair.RELAY,
                        "home",
                        "attic",
                        "laptop-1",
                        StaticKey.of(Pair.sequence(0x99)).publicKey());
        return ((Initiator.Outcome.Opening)
                        Initiator.of(
                                        Pair.DEVICE,
                                        relays,
                                        Pair.PSK,
                                        Purpose.SESSION,
                                        Limits.STANDARD,
                                        new Pair.Clock(),
                                        Pair.DEVICE_EPHEMERAL::clone)
                                .open())
                .packet();
    }

    /// What somebody writes who claims a static key of low order: `ss` is zero then, so it can be
    /// written without any private key.
    private static byte[] lowOrderStatic(byte[] point) {
        try {
            SymmetricState state = new SymmetricState(Handshake.PROTOCOL);
            state.mixHash(Pair.ADDRESS.prologue(Purpose.SESSION).encode());
            state.mixHash(Pair.WORKER.publicKey());
            byte[] e = X25519.publicKey(Pair.DEVICE_EPHEMERAL);
            state.mixHash(e);
            state.mixKey(e.clone());
            state.mixKey(X25519.agree(Pair.DEVICE_EPHEMERAL, Pair.WORKER.publicKey()));
            byte[] s = state.encryptAndHash(point);
            state.mixKey(new byte[32]);
            byte[] tag = state.encryptAndHash(NOTHING);
            byte[] packet = Pair.session(Limits.STANDARD).open;
            packet = splice(packet, 14, e);
            packet = splice(packet, 14 + 32, s);
            return splice(packet, 14 + 32 + 48, tag);
        } catch (Violation impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- sessions

    @Test
    void session() {
        Script script = new Script(Pair.session(Pair.SMALL));
        script.tick(0, Side.DEVICE);
        script.tick(1, Side.WORKER);
        script.send(
                5,
                Side.DEVICE,
                new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, ascii("shell")));
        script.send(6, Side.DEVICE, new ChannelFrame.Data(1, false, ascii("echo hi\r")));
        script.send(9, Side.WORKER, new ChannelFrame.Data(1, true, ascii("echo hi\r\n")));
        script.send(9, Side.WORKER, new ChannelFrame.Data(1, false, ascii("hi\r\n$ ")));
        script.send(10, Side.DEVICE, new ChannelFrame.Credit(1, 524_304));
        script.send(11, Side.WORKER, new ChannelFrame.OpenStream(2, StreamKind.APPROVAL, NOTHING));
        script.send(12, Side.WORKER, new ChannelFrame.Data(2, false, ascii("{\"may\":1}")));
        script.send(13, Side.DEVICE, new ChannelFrame.CloseStream(2, StreamEnd.DONE));
        script.send(14, Side.DEVICE, new ChannelFrame.Data(1, false, ascii("exit\r")));
        script.send(15, Side.DEVICE, new ChannelFrame.Data(1, false, Pair.sequence(0)));
        script.tick(15_000, Side.DEVICE);
        script.tick(15_001, Side.WORKER);
        script.tick(30_000, Side.DEVICE);
        script.tick(30_001, Side.WORKER);
        // The keys are older than 15 minutes: the next record of each side is a rekey.
        script.tick(931_000, Side.DEVICE);
        script.tick(931_001, Side.WORKER);
        script.send(931_100, Side.WORKER, new ChannelFrame.CloseStream(1, StreamEnd.FAILED));
        script.close(931_200, Side.DEVICE, CloseReason.DONE);
        Map<String, Object> made = keys();
        made.put("purpose", "session");
        made.put("rekeyRecords", 6);
        made.put("steps", script.steps);
        matches("channel-session.json", made);
        assertEquals(CloseReason.DONE, script.pair.device.closed());
        assertEquals(CloseReason.DONE, script.pair.worker.closed());
    }

    @Test
    void pairing() {
        Script script = new Script(Pair.pairing(Limits.STANDARD));
        script.tick(0, Side.DEVICE);
        script.send(1, Side.DEVICE, new ChannelFrame.PairRequest("Küche 💻"));
        script.send(
                2,
                Side.WORKER,
                new ChannelFrame.PairGrant(Pair.PSK, Set.of(Scope.CHAT, Scope.TERMINAL)));
        script.send(3, Side.DEVICE, new ChannelFrame.PairDone());
        script.close(4, Side.WORKER, CloseReason.DONE);
        PairingLink link = new PairingLink(Pair.ADDRESS, Pair.SECRET);
        Map<String, Object> made = keys();
        made.put("purpose", "pair");
        made.put("secret", Pair.SECRET);
        made.put("fragment", link.fragment());
        made.put("pairingPsk", link.psk());
        made.put("open", script.pair.open);
        made.put("accept", script.pair.accept);
        made.put("digits", script.pair.device.digits());
        made.put("steps", script.steps);
        List<Map<String, Object>> refused = new ArrayList<>();
        String good = link.fragment();
        for (String bad :
                List.of(
                        "",
                        "pair=",
                        good.substring(5),
                        good.substring(0, good.length() - 1),
                        good + "A",
                        good + "=",
                        good.replaceFirst("pair=A", "pair=B"),
                        good.replace('-', '+'),
                        "pair=" + good.substring(6))) {
            if (bad.equals(good)) {
                continue;
            }
            assertFalse(PairingLink.parse(bad).isPresent(), bad);
            refused.add(ordered("fragment", bad));
        }
        made.put("badFragments", refused);
        matches("channel-pairing.json", made);
        assertEquals(link.fragment(), PairingLink.parse("#" + good).orElseThrow().fragment());
    }

    // ---- attacks on records

    @Test
    void hostile() {
        Pair source = Pair.session(Pair.SMALL);
        List<byte[]> p = new ArrayList<>(source.device.tick());
        List<byte[]> w = new ArrayList<>(source.worker.receive(p.getFirst()).replies());
        p.addAll(source.device.send(new ChannelFrame.OpenStream(1, StreamKind.TERMINAL, NOTHING)));
        p.addAll(source.device.send(new ChannelFrame.Data(1, false, ascii("rm -rf x\r"))));
        p.addAll(source.device.send(new ChannelFrame.Data(1, false, ascii("second"))));
        p.addAll(source.device.close(CloseReason.DONE));
        p.subList(1, p.size()).forEach(source.worker::receive);
        Pair talk = Pair.session(Pair.SMALL);
        talk.worker.receive(talk.device.tick().getFirst());
        w.addAll(talk.worker.tick());
        byte[] foreign = Pair.nextSession(Pair.SMALL).device.tick().getFirst();

        Attacks attacks = new Attacks();
        attacks.on(Side.WORKER, "nothing", p.get(0), p.get(1), p.get(2), p.get(3), p.get(4));
        attacks.on(Side.WORKER, "replay at once", p.get(0), p.get(1), p.get(1));
        attacks.on(Side.WORKER, "replay later", p.get(0), p.get(1), p.get(2), p.get(3), p.get(2));
        attacks.on(Side.WORKER, "replay of the first record", p.get(0), p.get(0));
        attacks.on(
                Side.WORKER,
                "replay after the end",
                p.get(0),
                p.get(1),
                p.get(2),
                p.get(3),
                p.get(4),
                p.get(2));
        attacks.on(Side.WORKER, "reorder", p.get(0), p.get(2), p.get(1));
        attacks.on(Side.WORKER, "drop", p.get(0), p.get(1), p.get(3));
        attacks.on(Side.WORKER, "drop of the first record", p.get(1));
        attacks.on(Side.WORKER, "drop of all but the end", p.get(0), p.get(4));
        attacks.on(Side.WORKER, "reflection", p.get(0), w.get(0));
        attacks.on(Side.WORKER, "reflection first", w.get(0));
        attacks.on(Side.DEVICE, "reflection to the device", p.get(0));
        attacks.on(Side.WORKER, "record of the next session", p.get(0), foreign);
        attacks.on(Side.WORKER, "record of the next session first", foreign);
        attacks.on(Side.WORKER, "a handshake packet", p.get(0), source.open);
        attacks.on(Side.WORKER, "empty packet", p.get(0), NOTHING);
        attacks.on(Side.WORKER, "truncated to the header", p.get(0), Pair.cut(p.get(1), 32));
        attacks.on(
                Side.WORKER,
                "truncated by a byte",
                p.get(0),
                Pair.cut(p.get(1), p.get(1).length - 1));
        attacks.on(Side.WORKER, "truncated to no block", p.get(0), Pair.cut(p.get(1), 48));
        attacks.on(
                Side.WORKER,
                "longer by a block",
                p.get(0),
                Arrays.copyOf(p.get(1), p.get(1).length + 32));
        attacks.on(
                Side.WORKER,
                "spliced",
                p.get(0),
                splice(p.get(1), 32, Arrays.copyOfRange(p.get(2), 32, 80)));
        attacks.extended("oversize", p.get(0), p.get(1), 61_440 + 32);
        attacks.extended("largest size", p.get(0), p.get(1), 61_440);
        attacks.late(Side.WORKER, "in the last moment", 45_000, p.get(0));
        attacks.late(Side.WORKER, "held back", 45_001, p.get(0));
        attacks.late(Side.DEVICE, "answer held back", 45_001, w.get(0));
        attacks.on(Side.DEVICE, "answers in order", w.get(0), w.get(1));
        attacks.on(Side.DEVICE, "answer dropped", w.get(1));
        attacks.on(Side.DEVICE, "answer replayed", w.get(0), w.get(0));

        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("unknown type", "7f");
        forged.put("even stream from the device", "010000000200020000");
        forged.put("stream skipped", "010000000300020000");
        forged.put("kind of the worker", "010000000100030000");
        forged.put("data before a stream", "030000000100" + "61");
        forged.put("credit before a stream", "0400000001" + "0000000000000001");
        forged.put("close before a stream", "020000000101");
        forged.put("pong without a ping", "06" + "0000000000000001" + "00".repeat(32));
        forged.put("rekey to the epoch after the next", "0700000002");
        forged.put("pairing in a session", "10000141");
        forged.put("grant from a device", "11" + "00".repeat(34));
        forged.put("ping with a byte too many", "05" + "0000000000000002" + "00");
        for (Map.Entry<String, String> one : forged.entrySet()) {
            attacks.on(Side.WORKER, one.getKey(), p.get(0), forge(Side.DEVICE, 1, one.getValue()));
        }
        attacks.on(
                Side.WORKER,
                "credit taken back",
                p.get(0),
                p.get(1),
                forge(Side.DEVICE, 2, "0400000001" + "0000000000000001"));
        attacks.on(
                Side.DEVICE,
                "wrong transcript",
                forge(Side.WORKER, 0, "06" + "0000000000000001" + "00".repeat(32)));
        List<byte[]> tooMany = new ArrayList<>(List.of(p.get(0)));
        for (int i = 1; i <= 6; i++) {
            tooMany.add(forge(Side.DEVICE, i, "05" + "000000000000000" + (i + 1)));
        }
        attacks.on(Side.WORKER, "one record too many under a key", tooMany.toArray(byte[][]::new));
        attacks.on(
                Side.WORKER,
                "old key after a rekey",
                p.get(0),
                forge(Side.DEVICE, 1, "0700000001"),
                forge(Side.DEVICE, 2, "05" + "0000000000000002"));

        List<Map<String, Object>> runs = new ArrayList<>();
        for (int mask : new int[] {0x01, 0x80}) {
            runs.add(
                    runs(
                            "record",
                            "flip",
                            mask,
                            p.get(2).length,
                            i -> third(p, Pair.flip(p.get(2), i, mask))));
        }
        runs.add(
                runs(
                        "record",
                        "truncate",
                        0,
                        p.get(2).length,
                        i -> third(p, Pair.cut(p.get(2), i))));
        Map<String, Object> made = keys();
        made.put("rekeyRecords", 6);
        made.put("cases", attacks.cases);
        made.put("before", List.of(p.get(0), p.get(1)));
        made.put("record", p.get(2));
        made.put("mutations", runs);
        matches("channel-hostile.json", made);
        assertTrue(attacks.cases.size() >= 40, "cases: " + attacks.cases.size());
    }

    /// What a worker makes of a third record.
    private static String third(List<byte[]> before, byte[] packet) {
        Pair pair = Pair.session(Pair.SMALL);
        pair.device.tick();
        pair.worker.receive(before.get(0));
        pair.worker.receive(before.get(1));
        Received received = pair.worker.receive(packet);
        return received instanceof Received.Closed(CloseReason reason, _, _)
                ? reason.wireName()
                : "delivered";
    }

    /// A record with any content, as only an authenticated but broken peer can make it. Under the
    /// first key, whatever was said before.
    static byte[] forge(Side sender, long counter, String frame) {
        byte[] padded = FrameCodec.pad(Json.bytes(frame));
        Handshake initiator = Raw.initiator();
        byte[] hash = initiator.hash();
        CipherState cipher = initiator.split()[sender == Side.DEVICE ? 0 : 1];
        byte[] header =
                java.nio.ByteBuffer.allocate(32)
                        .put(new byte[] {3, 1, 1, (byte) sender.code()})
                        .put(Hashes.labelled("tendril channel session", hash), 0, 8)
                        .putInt(0)
                        .putLong(counter)
                        .putLong(45_000)
                        .array();
        byte[] sealed = cipher.encrypt(counter, header, padded);
        byte[] packet = Arrays.copyOf(header, 32 + sealed.length);
        System.arraycopy(sealed, 0, packet, 32, sealed.length);
        return packet;
    }

    /// The finished handshake of [Pair#session], to forge with.
    static final class Raw {
        private Raw() {}

        static Handshake initiator() {
            try {
                byte[] prologue = Pair.ADDRESS.prologue(Purpose.SESSION).encode();
                Handshake device =
                        Handshake.initiator(
                                prologue,
                                Pair.DEVICE,
                                Pair.WORKER.publicKey(),
                                Pair.DEVICE_EPHEMERAL::clone);
                Handshake worker =
                        Handshake.responder(prologue, Pair.WORKER, Pair.WORKER_EPHEMERAL::clone);
                worker.read1(device.write1(NOTHING));
                device.read2(Pair.PSK, worker.write2(Pair.PSK, NOTHING));
                return device;
            } catch (Violation impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private static final class Attacks {
        private final List<Map<String, Object>> cases = new ArrayList<>();

        void on(Side side, String name, byte[]... packets) {
            late(side, name, 0, packets);
        }

        void late(Side side, String name, long at, byte[]... packets) {
            run(side, name, at, 0, packets);
        }

        void extended(String name, byte[] first, byte[] second, int zeros) {
            run(Side.WORKER, name, 0, zeros, first, second);
        }

        private void run(Side side, String name, long at, int zeros, byte[]... packets) {
            Pair pair = Pair.session(Pair.SMALL);
            pair.device.tick();
            pair.clock.at(at);
            int delivered = 0;
            String closed = "no";
            for (int i = 0; i < packets.length; i++) {
                byte[] packet =
                        i == packets.length - 1
                                ? Arrays.copyOf(packets[i], packets[i].length + zeros)
                                : packets[i];
                switch (pair.channel(side).receive(packet)) {
                    case Received.Delivered _ -> delivered++;
                    case Received.Nothing _ -> {}
                    case Received.Closed(CloseReason reason, _, _) -> closed = reason.wireName();
                }
            }
            Map<String, Object> one =
                    ordered(
                            "name", name,
                            "side", side == Side.DEVICE ? "device" : "worker",
                            "at", at,
                            "packets", List.of(packets),
                            "delivered", delivered,
                            "closed", closed);
            if (zeros > 0) {
                one.put("extend", zeros);
            }
            cases.add(one);
        }
    }

    /// Plays both sides, and writes down what they say.
    private static final class Script {
        private final Pair pair;
        private final List<Map<String, Object>> steps = new ArrayList<>();

        Script(Pair pair) {
            this.pair = pair;
        }

        void tick(long at, Side side) {
            pair.clock.at(at);
            step(at, side, "tick", true, pair.channel(side).tick());
        }

        void send(long at, Side side, ChannelFrame frame) {
            pair.clock.at(at);
            step(at, side, "send", Frames.json(frame), pair.channel(side).send(frame));
        }

        void close(long at, Side side, CloseReason reason) {
            pair.clock.at(at);
            step(at, side, "close", reason.wireName(), pair.channel(side).close(reason));
        }

        private void step(long at, Side side, String what, Object with, List<byte[]> packets) {
            List<Map<String, Object>> received = new ArrayList<>();
            for (byte[] packet : packets) {
                Received outcome = pair.channel(side.other()).receive(packet);
                Map<String, Object> json = Frames.json(outcome);
                List<Map<String, Object>> answered = new ArrayList<>();
                for (byte[] reply : outcome.replies()) {
                    Received answer = pair.channel(side).receive(reply);
                    assertEquals(List.of(), answer.replies());
                    answered.add(Frames.json(answer));
                }
                json.put("answered", answered);
                received.add(json);
            }
            steps.add(
                    ordered(
                            "at",
                            at,
                            "side",
                            side == Side.DEVICE ? "device" : "worker",
                            what,
                            with,
                            "packets",
                            packets,
                            "received",
                            received));
        }
    }

    // ---- small parts

    private static Map<String, Object> keys() {
        return ordered(
                "relay", Pair.RELAY,
                "workspace", "home",
                "worker", "attic",
                "device", "laptop-1",
                "deviceStatic", Pair.DEVICE_STATIC,
                "workerStatic", Pair.WORKER_STATIC,
                "workerKey", Pair.WORKER.publicKey(),
                "deviceEphemeral", Pair.DEVICE_EPHEMERAL,
                "workerEphemeral", Pair.WORKER_EPHEMERAL,
                "psk", Pair.PSK);
    }

    /// Outcomes of a mutation at each byte, as runs of equal ones.
    private static Map<String, Object> runs(
            String of, String how, int mask, int length, IntFunction<String> outcome) {
        List<List<Object>> runs = new ArrayList<>();
        String last = "";
        int count = 0;
        for (int i = 0; i <= length; i++) {
            String now = i == length ? "" : outcome.apply(i);
            if (!now.equals(last) && count > 0) {
                assertFalse(
                        Set.of("offered", "established", "delivered").contains(last),
                        of + " " + how + " before byte " + i);
                runs.add(List.of(count, last));
                count = 0;
            }
            last = now;
            count++;
        }
        return ordered("of", of, "how", how, "mask", mask, "runs", runs);
    }

    private static byte[] splice(byte[] packet, int at, byte[] bytes) {
        byte[] spliced = packet.clone();
        System.arraycopy(bytes, 0, spliced, at, bytes.length);
        return spliced;
    }

    private static byte[] replace(byte[] packet, int at, byte with) {
        return splice(packet, at, new byte[] {with});
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
