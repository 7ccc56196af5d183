package dev.tendril.service.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Presence;
import dev.tendril.contract.worker.OpenWorkerSession;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import dev.tendril.service.workspace.WorkspaceStore;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class WorkerControllerTest extends DatabaseTest {

    private static final String SELF = "/api/v1/workers/self/";

    private Calls calls;
    private WorkerStore workers;
    private PresenceStore presence;
    private WorkspaceStore workspaces;

    @BeforeAll
    void house(
            EmbeddedServer server,
            WorkerStore workers,
            PresenceStore presence,
            WorkspaceStore workspaces) {
        this.calls = new Calls(server.getURI());
        this.workers = workers;
        this.presence = presence;
        this.workspaces = workspaces;
    }

    @Test
    void aWorkerComesInAndIsSeen() throws Exception {
        UUID home = workspace("seen");
        assertFalse(presence.presence(home).online());
        WorkerToken token = newToken(home);

        var answer = open(token, keys());

        assertEquals(200, answer.status(), answer.body());
        WorkerSession session = answer.as(WorkerSession.class);
        assertEquals("seen", session.workspace());
        Presence now = calls.get("/api/v1/sites/seen").as(SiteView.class).worker();
        assertTrue(now.online());
        assertEquals("guide-1", now.model());
        assertEquals("guide", now.modelKind());
        assertNotNull(now.lastSeenAt());
    }

    @Test
    void theFirstSessionPinsTheKeyAndNoOtherDisplacesIt() throws Exception {
        WorkerToken token = newToken(workspace("pin"));
        KeyPair first = keys();
        assertEquals(200, open(token, first).status());

        assertEquals(401, open(token, keys()).status());
        assertEquals(200, open(token, first).status());
    }

    @Test
    void anotherProcessTakesThePlaceAndTheFormerGetsNoSession() throws Exception {
        WorkerToken token = newToken(workspace("place"));
        KeyPair key = keys();
        UUID former = UUID.randomUUID();
        UUID present = UUID.randomUUID();
        assertEquals(200, openAs(token, key, former).status());
        assertEquals(200, openAs(token, key, former).status(), "a renewal");
        assertEquals(200, openAs(token, key, present).status());
        assertEquals(401, openAs(token, key, former).status());
        assertEquals(200, openAs(token, key, present).status());
        assertEquals(200, open(token, key).status(), "who does not name itself changes nothing");
        assertEquals(200, openAs(token, key, present).status());
    }

    @Test
    void aNonceCountsOnce() throws Exception {
        WorkerToken token = newToken(workspace("once"));
        KeyPair key = keys();
        WorkerNonce nonce = nonce(token);
        assertEquals(200, open(token, key, nonce.nonce(), nonce.nonce()).status());

        assertEquals(401, open(token, key, nonce.nonce(), nonce.nonce()).status());
    }

    @Test
    void aProofMustBeOverTheNonceByTheKeyForTheToken() throws Exception {
        UUID home = workspace("proof");
        WorkerToken token = newToken(home);
        KeyPair key = keys();

        assertEquals(401, open(token, key, nonce(token).nonce(), "another text").status());
        assertEquals(401, open(token, key, "made up", "made up").status());
        String others = nonce(newToken(home)).nonce();
        assertEquals(401, open(token, key, others, others).status());
        String own = nonce(token).nonce();
        assertEquals(
                401,
                post(token, session(encoded(keys()), own, sign(key, own), "guide")).status(),
                "another key's signature");
        assertEquals(
                401,
                post(token, session("AAAA", own, sign(key, own), "guide")).status(),
                "no key at all");
        assertEquals(401, post(token, session(encoded(key), own, "AA", "guide")).status());
        assertEquals(
                200, post(token, session(encoded(key), own, sign(key, own), "guide")).status());
    }

    @Test
    void theTokenMustBeWholeAndKnown() throws Exception {
        UUID home = workspace("whole");
        WorkerToken known = newToken(home);
        String text = known.text();
        String typo =
                text.substring(0, 25) + (text.charAt(25) == 'a' ? 'b' : 'a') + text.substring(26);

        assertEquals(200, nonceCall("Bearer " + text).status());
        assertEquals(401, nonceCall("Bearer " + typo).status());
        assertEquals(
                401, nonceCall("Bearer " + WorkerToken.random(new SecureRandom()).text()).status());
        assertEquals(401, nonceCall("Bearer tnd_wk_").status());
        assertEquals(401, nonceCall(text).status());
        assertEquals(401, nonceCall("Basic abc").status());
        assertEquals(401, calls.post(SELF + "nonce", null).status());
        assertTrue(workers.revoke(home, known.id()));
        assertEquals(401, nonceCall("Bearer " + text).status());
    }

    @Test
    void aSecretOfTheSameIdIsRefused() throws Exception {
        WorkerToken known = newToken(workspace("sameid"));
        // Same id, other secret, right checksum: what only the stored hash can tell apart.
        String body = "tnd_wk_" + known.id() + "_" + "A".repeat(43);
        var crc = new java.util.zip.CRC32();
        crc.update(body.getBytes(UTF_8));
        String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var check = new StringBuilder();
        for (long rest = crc.getValue(); check.length() < 6; rest /= 62) {
            check.append(digits.charAt((int) (rest % 62)));
        }
        WorkerToken forged = WorkerToken.parse(body + "_" + check.reverse());

        assertNotNull(forged);
        assertEquals(401, nonceCall("Bearer " + forged.text()).status());
    }

    @Test
    void aShapelessRequestIsInvalidNotUnauthorized() throws Exception {
        WorkerToken token = newToken(workspace("shape"));
        String nonce = nonce(token).nonce();
        KeyPair key = keys();

        assertEquals(400, post(token, "{}").status());
        assertEquals(400, post(token, "{").status());
        assertEquals(
                400, post(token, session(encoded(key), nonce, sign(key, nonce), "robot")).status());
    }

    @Test
    void drainingLastsUntilTheNextSession() throws Exception {
        UUID home = workspace("drain");
        WorkerToken token = newToken(home);
        KeyPair key = keys();
        WorkerSession session = open(token, key).as(WorkerSession.class);

        assertEquals(
                204,
                calls.post(SELF + "drain", "{}", "Authorization", "Bearer " + session.token())
                        .status());
        assertFalse(presence.presence(home).online());

        assertEquals(200, open(token, key).status());
        assertTrue(presence.presence(home).online());
    }

    @Test
    void aSilentWorkerIsOfflineAfterFortySeconds() throws Exception {
        UUID home = workspace("silent");
        WorkerSession session = open(newToken(home), keys()).as(WorkerSession.class);
        age(session.workerId(), 39);
        assertTrue(presence.presence(home).online());

        age(session.workerId(), 41);

        Presence away = presence.presence(home);
        assertFalse(away.online());
        assertNotNull(away.lastSeenAt());
        presence.touch(session.workerId());
        assertTrue(presence.presence(home).online());
    }

    @Test
    void everyWorkersCallShowsThatItIsThere() throws Exception {
        UUID home = workspace("call");
        WorkerSession session = open(newToken(home), keys()).as(WorkerSession.class);
        age(session.workerId(), 100);

        calls.get("/api/v1/runs/test", "Authorization", "Bearer " + session.token());

        Instant deadline = Instant.now().plusSeconds(5);
        while (!presence.presence(home).online()) {
            assertTrue(Instant.now().isBefore(deadline));
        }
    }

    @Test
    void touchingWritesOnceInFourSeconds() throws Exception {
        UUID home = workspace("touch");
        WorkerSession session = open(newToken(home), keys()).as(WorkerSession.class);
        presence.touch(session.workerId());
        age(session.workerId(), 100);

        for (int i = 0; i < 1000; i++) {
            presence.touch(session.workerId());
        }

        assertFalse(presence.presence(home).online());
    }

    @Test
    void presenceIsTheWorkspacesOwn() throws Exception {
        UUID mine = workspace("mine");
        UUID theirs = workspace("theirs");
        open(newToken(theirs), keys());

        assertEquals(new Presence(false, null, null, null), presence.presence(mine));
    }

    private UUID workspace(String slug) {
        assertTrue(workspaces.insert(slug, slug, null));
        var made = workspaces.find(slug);
        assertNotNull(made);
        return made.id();
    }

    private WorkerToken newToken(UUID workspace) {
        WorkerToken token = WorkerToken.random(new SecureRandom());
        workers.insert(workspace, "attic", token);
        return token;
    }

    private Calls.Answer openAs(WorkerToken token, KeyPair key, UUID instance) throws Exception {
        String nonce = nonce(token).nonce();
        return post(
                token,
                ObjectMapper.getDefault()
                        .writeValueAsString(
                                new OpenWorkerSession(
                                        encoded(key),
                                        nonce,
                                        sign(key, nonce),
                                        "guide-1",
                                        "guide",
                                        "0.1.0",
                                        instance)));
    }

    private Calls.Answer open(WorkerToken token, KeyPair key) throws Exception {
        String nonce = nonce(token).nonce();
        return open(token, key, nonce, nonce);
    }

    private Calls.Answer open(WorkerToken token, KeyPair key, String nonce, String signed)
            throws Exception {
        return post(token, session(encoded(key), nonce, sign(key, signed), "guide"));
    }

    private Calls.Answer post(WorkerToken token, String body) {
        return calls.post(SELF + "session", body, "Authorization", "Bearer " + token.text());
    }

    private WorkerNonce nonce(WorkerToken token) {
        return nonceCall("Bearer " + token.text()).as(WorkerNonce.class);
    }

    private Calls.Answer nonceCall(String authorization) {
        return calls.post(SELF + "nonce", null, "Authorization", authorization);
    }

    private static String session(String key, String nonce, String signature, String kind)
            throws IOException {
        return ObjectMapper.getDefault()
                .writeValueAsString(
                        new OpenWorkerSession(
                                key, nonce, signature, "guide-1", kind, "0.1.0", null));
    }

    private static KeyPair keys() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private static String encoded(KeyPair key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getPublic().getEncoded());
    }

    private static String sign(KeyPair key, String nonce) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key.getPrivate());
        signature.update(("tendril worker session v1\n" + nonce).getBytes(UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private void age(UUID worker, int seconds) throws SQLException {
        try (var connection = dataSource().getConnection();
                var statement =
                        connection.prepareStatement(
                                "update worker set last_seen_at = now() - make_interval(secs => ?)"
                                        + " where id = ?")) {
            statement.setInt(1, seconds);
            statement.setObject(2, worker);
            statement.executeUpdate();
        }
    }

    @io.micronaut.serde.annotation.Serdeable
    record SiteView(Presence worker) {}

    @Controller("/api/v1/runs/test")
    static final class AnyCall {
        @Get
        @Secured(WorkerIdentity.ROLE)
        String call(WorkerIdentity worker) {
            return "ok";
        }
    }
}
