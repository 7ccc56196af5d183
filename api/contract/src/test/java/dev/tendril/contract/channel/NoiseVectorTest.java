package dev.tendril.contract.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micronaut.json.tree.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The published vectors of what the channel stands on.
class NoiseVectorTest {

    private static final byte[] NOTHING = new byte[0];

    private final JsonNode vector = Json.read("channel-noise.json");
    private final JsonNode curve = Json.read("channel-x25519.json");

    @Test
    void theHandshakeWritesAndReadsTheVectorsOfCacophony() throws Violation {
        assertEquals(Handshake.PROTOCOL, Json.text(vector, "protocol_name"));
        List<JsonNode> messages = Json.list(vector, "messages");
        Handshake initiator =
                Handshake.initiator(
                        Json.bytes(vector, "init_prologue"),
                        StaticKey.of(Json.bytes(vector, "init_static")),
                        Json.bytes(vector, "init_remote_static"),
                        () -> Json.bytes(vector, "init_ephemeral"));
        Handshake responder =
                Handshake.responder(
                        Json.bytes(vector, "resp_prologue"),
                        StaticKey.of(Json.bytes(vector, "resp_static")),
                        () -> Json.bytes(vector, "resp_ephemeral"));
        byte[] psk = Json.bytes(Json.list(vector, "init_psks").getFirst().getStringValue());

        byte[] first = initiator.write1(Json.bytes(messages.get(0), "payload"));
        assertEquals(Json.text(messages.get(0), "ciphertext"), Json.hex(first));
        assertArrayEquals(Json.bytes(messages.get(0), "payload"), responder.read1(first));
        assertArrayEquals(
                StaticKey.of(Json.bytes(vector, "init_static")).publicKey(),
                responder.peerStatic());
        byte[] second = responder.write2(psk, Json.bytes(messages.get(1), "payload"));
        assertEquals(Json.text(messages.get(1), "ciphertext"), Json.hex(second));
        assertArrayEquals(Json.bytes(messages.get(1), "payload"), initiator.read2(psk, second));
        assertEquals(Json.text(vector, "handshake_hash"), Json.hex(initiator.hash()));
        assertEquals(Json.text(vector, "handshake_hash"), Json.hex(responder.hash()));

        CipherState[] mine = initiator.split();
        CipherState[] theirs = responder.split();
        for (int i = 2; i < messages.size(); i++) {
            boolean fromInitiator = i % 2 == 0;
            long counter = (i - 2) / 2;
            byte[] payload = Json.bytes(messages.get(i), "payload");
            byte[] sealed = (fromInitiator ? mine : theirs)[0].encrypt(counter, NOTHING, payload);
            assertEquals(Json.text(messages.get(i), "ciphertext"), Json.hex(sealed));
            assertArrayEquals(
                    payload,
                    (fromInitiator ? theirs : mine)
                            [1].decrypt(counter, NOTHING, sealed, 0, sealed.length));
        }
    }

    @Test
    void agreementsAreThoseOfRfc7748() throws Violation {
        for (JsonNode one : Json.list(curve, "agreements")) {
            assertEquals(
                    Json.text(one, "shared"),
                    Json.hex(X25519.agree(Json.bytes(one, "scalar"), Json.bytes(one, "u"))));
        }
        JsonNode iterated = Json.field(curve, "iterated");
        byte[] k = Json.bytes(iterated, "start");
        byte[] u = k;
        for (int i = 1; i <= 1000; i++) {
            byte[] next = X25519.agree(k, u);
            u = k;
            k = next;
            if (i == 1) {
                assertEquals(Json.text(iterated, "after1"), Json.hex(k));
            }
        }
        assertEquals(Json.text(iterated, "after1000"), Json.hex(k));
    }

    @Test
    void everyPointOfLowOrderIsRefused() {
        List<JsonNode> points = Json.list(curve, "lowOrder");
        assertEquals(14, points.size());
        for (JsonNode point : points) {
            Violation refused =
                    assertThrows(
                            Violation.class,
                            () -> StaticKey.generate().agree(Json.bytes(point.getStringValue())));
            assertEquals(CloseReason.LOW_ORDER_KEY, refused.reason());
        }
    }

    @Test
    void rekeyIsNoisesOwn() throws Violation {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 7);
        byte[] expected =
                Arrays.copyOf(new CipherState(key).encrypt(-1L, NOTHING, new byte[32]), 32);
        CipherState cipher = new CipherState(key);
        cipher.rekey();
        byte[] sealed = cipher.encrypt(5, NOTHING, new byte[] {1, 2, 3});
        assertArrayEquals(
                new byte[] {1, 2, 3},
                new CipherState(expected).decrypt(5, NOTHING, sealed, 0, sealed.length));
        assertThrows(
                Violation.class,
                () -> new CipherState(key).decrypt(5, NOTHING, sealed, 0, sealed.length));
    }

    @Test
    void aStepOutOfOrderIsAProgrammingErrorAndAFailedOneEndsTheHandshake() throws Violation {
        StaticKey device = StaticKey.generate();
        StaticKey worker = StaticKey.generate();
        Handshake initiator =
                Handshake.initiator(NOTHING, device, worker.publicKey(), Initiator::fresh);
        Handshake responder = Handshake.responder(NOTHING, worker, Initiator::fresh);
        assertThrows(IllegalStateException.class, initiator::split);
        assertThrows(IllegalStateException.class, () -> responder.write1(NOTHING));
        assertThrows(IllegalStateException.class, () -> responder.write2(new byte[32], NOTHING));
        byte[] first = initiator.write1(NOTHING);
        assertThrows(IllegalStateException.class, () -> initiator.write1(NOTHING));
        byte[] spoiled = first.clone();
        spoiled[40] ^= 1;
        assertThrows(Violation.class, () -> responder.read1(spoiled));
        assertThrows(IllegalStateException.class, () -> responder.read1(first));
    }

    @Test
    void closingZeroesWhatIsOurs() {
        byte[] mine = new byte[32];
        Arrays.fill(mine, (byte) 3);
        StaticKey key = StaticKey.of(mine);
        assertFalse(key.toString().contains("0303"));
        key.close();
        assertArrayEquals(new byte[32], key.exportPrivate());
        assertEquals(3, mine[0], "the caller's array is the caller's");
    }
}
