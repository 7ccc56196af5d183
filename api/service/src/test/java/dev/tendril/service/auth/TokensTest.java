package dev.tendril.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.security.annotation.Secured;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class TokensTest extends DatabaseTest {

    private Calls calls;
    private Tokens tokens;
    private SigningKeys.Key key;
    private UUID workspace;
    private UUID session;
    private UUID worker;

    @BeforeAll
    void house(EmbeddedServer server, Tokens tokens, SigningKeys keys) throws SQLException {
        this.calls = new Calls(server.getURI());
        this.tokens = tokens;
        this.key = keys.active();
        workspace = id("insert into workspace (slug, title) values ('home', 'Home') returning id");
        UUID code =
                id(
                        "insert into access_code (workspace_id, public_id, secret_hash) values ('"
                                + workspace
                                + "', '0000', '') returning id");
        session =
                id(
                        "insert into visitor_session (workspace_id, access_code_id, generation,"
                                + " refresh_hash, expires_at) values ('"
                                + workspace
                                + "', '"
                                + code
                                + "', 1, '', now() + interval '1 hour') returning id");
        worker =
                id(
                        "insert into worker (workspace_id, name, token_id, token_hash) values ('"
                                + workspace
                                + "', 'w', 't', 'h') returning id");
    }

    @Test
    void aGoodTokenIsLetIn() {
        assertEquals(200, asVisitor(visitorToken()));
        assertEquals(200, asWorker(workerToken()));
    }

    @Test
    void aTokenForOtherCallsIsForbidden() {
        assertEquals(403, asWorker(visitorToken()));
        assertEquals(403, asVisitor(workerToken()));
    }

    @Test
    void everyForgeryIsRefused() throws Exception {
        var rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        JWSHeader good = header("vst+jwt", key.kid()).build();
        Instant now = Instant.now();
        String whole = signed(good, claims().build());
        String[] parts = whole.split("\\.");
        String otherSubject =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(
                                new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8)
                                        .replace(session.toString(), worker.toString())
                                        .getBytes(UTF_8));
        var rs256 =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .type(new JOSEObjectType("vst+jwt"))
                                .keyID(key.kid())
                                .build(),
                        claims().build());
        rs256.sign(new RSASSASigner(rsa.getPrivate()));

        Map<String, String> forgeries = new LinkedHashMap<>();
        forgeries.put("alg none", new PlainJWT(claims().build()).serialize());
        forgeries.put("alg none, signature kept", none() + "." + parts[1] + "." + parts[2]);
        forgeries.put("alg none, signature empty", none() + "." + parts[1] + ".");
        forgeries.put("no signature", parts[0] + "." + parts[1] + ".");
        forgeries.put("RS256", rs256.serialize());
        forgeries.put("edited", parts[0] + "." + otherSubject + "." + parts[2]);
        forgeries.put("unknown kid", signed(header("vst+jwt", "other").build(), claims().build()));
        forgeries.put(
                "no kid",
                signed(
                        new JWSHeader.Builder(JWSAlgorithm.HS256)
                                .type(new JOSEObjectType("vst+jwt"))
                                .build(),
                        claims().build()));
        forgeries.put(
                "jku",
                signed(
                        header("vst+jwt", key.kid())
                                .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                                .build(),
                        claims().build()));
        forgeries.put(
                "jwk",
                signed(
                        header("vst+jwt", key.kid())
                                .jwk(new RSAKey.Builder((RSAPublicKey) rsa.getPublic()).build())
                                .build(),
                        claims().build()));
        forgeries.put("typ JWT", signed(header("JWT", key.kid()).build(), claims().build()));
        forgeries.put(
                "worker's typ, visitor's aud",
                signed(header("wkr+jwt", key.kid()).build(), claims().build()));
        forgeries.put("other aud", signed(good, claims().audience("integrator").build()));
        forgeries.put(
                "two auds",
                signed(good, claims().audience(java.util.List.of("visitor", "worker")).build()));
        forgeries.put("other iss", signed(good, claims().issuer("tendri1").build()));
        forgeries.put(
                "expired",
                signed(good, claims().expirationTime(Date.from(now.minusSeconds(1))).build()));
        forgeries.put("no exp", signed(good, claims().expirationTime(null).build()));
        forgeries.put(
                "not yet",
                signed(good, claims().notBeforeTime(Date.from(now.plusSeconds(60))).build()));
        forgeries.put(
                "no such session",
                signed(good, claims().subject(UUID.randomUUID().toString()).build()));
        forgeries.put(
                "other workspace",
                signed(good, claims().claim("ws", UUID.randomUUID().toString()).build()));
        forgeries.put("subject no uuid", signed(good, claims().subject("x").build()));
        var otherKey = new SignedJWT(good, claims().build());
        otherKey.sign(new MACSigner(new byte[32]));
        forgeries.put("other key", otherKey.serialize());
        forgeries.put("garbage", "a.b.c");
        forgeries.put("nothing", "");
        forgeries.put("long", "a".repeat(4000));

        assertEquals(200, asVisitor(whole), "the unforged one must pass");
        forgeries.forEach((name, token) -> assertEquals(401, asVisitor(token), name));
    }

    @Test
    void noTokenIsRefusedWithAChallenge() {
        var answer = calls.get("/api/v1/test/as-visitor");

        assertEquals(401, answer.status());
        assertEquals("unauthorized", answer.code());
        assertEquals("Bearer", answer.header("WWW-Authenticate"));
        assertEquals(401, calls.get("/api/v1/test/as-visitor?token=" + visitorToken()).status());
    }

    @Test
    void aRevokedWorkerIsRefusedWithinFiveSeconds() throws SQLException {
        UUID gone =
                id(
                        "insert into worker (workspace_id, name, token_id, token_hash) values ('"
                                + workspace
                                + "', 'w2', 't2', 'h2') returning id");
        String token = tokens.issue(Tokens.Kind.WORKER, workspace, gone, Instant.MAX).token();
        assertEquals(200, asWorker(token));
        id("update worker set revoked_at = now() where id = '" + gone + "' returning id");

        Instant deadline = Instant.now().plusSeconds(5);
        while (asWorker(token) == 200) {
            assertTrue(Instant.now().isBefore(deadline));
        }
        assertEquals(401, asWorker(token));
    }

    @Test
    void theDatabaseHasNoUsableKey() throws SQLException {
        try (var connection = dataSource().getConnection();
                var rows =
                        connection
                                .createStatement()
                                .executeQuery("select wrapped from signing_key")) {
            assertTrue(rows.next());
            String wrapped = new String(rows.getBytes(1), StandardCharsets.ISO_8859_1);
            assertFalse(wrapped.contains(new String(key.secret(), StandardCharsets.ISO_8859_1)));
        }
    }

    private int asVisitor(String token) {
        return calls.get("/api/v1/test/as-visitor", "Authorization", "Bearer " + token).status();
    }

    private int asWorker(String token) {
        return calls.get("/api/v1/test/as-worker", "Authorization", "Bearer " + token).status();
    }

    private String visitorToken() {
        return tokens.issue(Tokens.Kind.VISITOR, workspace, session, Instant.MAX).token();
    }

    private String workerToken() {
        return tokens.issue(Tokens.Kind.WORKER, workspace, worker, Instant.MAX).token();
    }

    private static String none() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\",\"typ\":\"vst+jwt\"}".getBytes(UTF_8));
    }

    private static JWSHeader.Builder header(String type, String kid) {
        return new JWSHeader.Builder(JWSAlgorithm.HS256).type(new JOSEObjectType(type)).keyID(kid);
    }

    private JWTClaimsSet.Builder claims() {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer("tendril")
                .audience("visitor")
                .subject(session.toString())
                .claim("ws", workspace.toString())
                .claim("iau", ChronoUnit.MICROS.between(Instant.EPOCH, now))
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(60)));
    }

    private String signed(JWSHeader header, JWTClaimsSet claims) throws JOSEException {
        var jwt = new SignedJWT(header, claims);
        jwt.sign(new MACSigner(key.secret()));
        return jwt.serialize();
    }

    private UUID id(String sql) throws SQLException {
        try (var connection = dataSource().getConnection();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getObject(1, UUID.class);
        }
    }

    @Controller("/api/v1/test")
    static final class Doors {
        @Get("/as-visitor")
        @Secured(Visitor.ROLE)
        String visitor(Visitor visitor) {
            return visitor.sessionId().toString();
        }

        @Get("/as-worker")
        @Secured(WorkerIdentity.ROLE)
        String worker(WorkerIdentity worker) {
            return worker.workerId().toString();
        }
    }
}
