package dev.tendril.service.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.session.SessionGrant;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.context.annotation.Property;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.security.annotation.Secured;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in house()
/// The limits alone: what is asked for before them has a test of its own.
@Property(name = "tendril.captcha", value = "none")
@MicronautTest(transactional = false)
final class SessionControllerTest extends DatabaseTest {

    private static final String ME = "/api/v1/test/visitor";

    private Calls calls;
    private CodeHash hash;
    private CodeStore codes;
    private final AccessCode code = AccessCode.random(new SecureRandom());
    private UUID workspace = new UUID(0, 0);
    private int caller;

    @BeforeAll
    void house(EmbeddedServer server, CodeHash hash, CodeStore codes) throws SQLException {
        this.calls = new Calls(server.getURI());
        this.hash = hash;
        this.codes = codes;
        workspace =
                UUID.fromString(
                        sql(
                                "insert into workspace (slug, title) values ('home', 'Home') returning id"));
        assertTrue(codes.insert(workspace, code.publicId(), hash.of(code), "", null));
    }

    @Test
    void aCodeOpensASession() {
        var answer = open("home", code.text());

        assertEquals(201, answer.status(), answer.body());
        SessionGrant grant = answer.as(SessionGrant.class);
        assertTrue(
                Duration.between(Instant.now(), grant.expiresAt()).compareTo(Duration.ofMinutes(16))
                        < 0);
        assertTrue(
                Duration.between(Instant.now(), grant.sessionExpiresAt())
                                .compareTo(Duration.ofHours(11))
                        > 0);
        var me = me(grant.token());
        assertEquals(200, me.status(), me.body());
        assertEquals(workspace.toString(), me.object().get("workspaceId"));
    }

    @Test
    void aCodeMayBeTypedAnyHow() {
        String sloppy =
                " "
                        + code.text()
                                .toLowerCase(java.util.Locale.ROOT)
                                .replace('-', ' ')
                                .replace('0', 'o')
                                .replace('1', 'l');

        assertEquals(201, open("home", sloppy).status());
    }

    @Test
    void everyFailureLooksAlikeAndCostsOneHash() throws SQLException {
        AccessCode expired = store(Instant.now().minusSeconds(60));
        AccessCode revoked = store(null);
        assertTrue(codes.revoke(workspace, revoked.publicId()));
        AccessCode wrong = new AccessCode(code.publicId(), "000000000000000");
        List<String> bodies =
                List.of(
                        body("home", wrong.text()),
                        body("home", AccessCode.random(new SecureRandom()).text()),
                        body("home", expired.text()),
                        body("home", revoked.text()),
                        body("home", ""),
                        body("home", "not a code at all"),
                        body("home", "x".repeat(5000)),
                        body("nowhere", code.text()),
                        body("", code.text()),
                        "{\"site\":\"home\"}",
                        "{\"code\":\"" + code.text() + "\"}",
                        "{}");

        List<String> seen = new ArrayList<>();
        for (String body : bodies) {
            long before = hash.hashes();
            var answer = calls.post("/api/v1/sessions", body, "X-Forwarded-For", network());
            assertEquals(1, hash.hashes() - before, body);
            assertEquals(401, answer.status(), answer.body());
            assertEquals("invalid_code", answer.code());
            String requestId = answer.header("X-Request-Id");
            assertFalse(requestId.isEmpty());
            seen.add(
                    answer.body().replace(requestId, "")
                            + answer.response().headers().map().keySet());
        }
        assertEquals(1, seen.stream().distinct().count(), String.join("\n", seen));
    }

    @Test
    void thereAreNeverMoreThanTwoHashesAtOnceAndNobodyWaitsLong() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Calls.Answer>> answers =
                    IntStream.range(0, 64)
                            .mapToObj(_ -> threads.submit(() -> open("home", code.text())))
                            .toList();
            assertEquals(200, calls.get("/health/live").status());
            int opened = 0;
            for (var answer : answers) {
                int status = answer.get().status();
                assertTrue(status == 201 || status == 503 || status == 429, "status " + status);
                if (status == 201) {
                    opened++;
                } else {
                    assertFalse(answer.get().header("Retry-After").isEmpty());
                }
            }
            assertTrue(opened > 0);
        }
    }

    @Test
    void aNetworkThatGuessesIsSlowedDownAndNobodyElse() {
        String guesser = network();
        Calls.Answer last = open("home", "", guesser);
        for (int i = 0; i < 25 && last.status() == 401; i++) {
            last = open("home", "", guesser);
        }

        assertEquals(429, last.status());
        assertTrue(Integer.parseInt(last.header("Retry-After")) > 0);
        assertEquals("rate_limited", last.code());
        assertEquals(429, open("home", code.text(), guesser).status());
        assertEquals(201, open("home", code.text()).status());
    }

    @Test
    void aForwardedAddressLeftOfTheProxysIsIgnored() {
        String guesser = network();
        Calls.Answer last = open("home", "", "6.6.6.0, " + guesser);
        // 20 at once; on a slow machine some more, since one comes back every six seconds.
        for (int i = 1; i < 30 && last.status() == 401; i++) {
            last = open("home", "", "6.6.6." + i + ", " + guesser);
        }

        assertEquals(429, last.status());
    }

    @Test
    void theSecretRotates() {
        SessionGrant first = opened();

        SessionGrant second = refreshed(first);

        assertNotEquals(first.refresh(), second.refresh());
        assertEquals(first.sessionExpiresAt(), second.sessionExpiresAt());
        assertEquals(200, me(second.token()).status());
        assertEquals(200, refresh(second.refresh()).status());
    }

    @Test
    void aLostAnswerLocksNobodyOut() {
        SessionGrant first = opened();
        SessionGrant lost = refreshed(first);

        SessionGrant second = refreshed(first);
        SessionGrant third = refreshed(first);

        assertEquals(200, me(third.token()).status());
        assertNotEquals(lost.refresh(), second.refresh());
        assertEquals(200, refresh(third.refresh()).status());
    }

    @Test
    void twoHoldersOfASecretEndTheFamily() {
        SessionGrant first = opened();
        SessionGrant rightful = refreshed(first);
        SessionGrant thief = refreshed(first);

        assertEquals("session_ended", refresh(rightful.refresh()).code());
        assertEquals("session_ended", refresh(thief.refresh()).code());
        assertEquals(401, me(thief.token()).status());
        assertEquals(401, me(rightful.token()).status());
    }

    @Test
    void aSecretUsedAgainAfterTheGraceEndsTheFamily() throws SQLException {
        SessionGrant first = opened();
        SessionGrant second = refreshed(first);
        sql(
                "update spent_refresh set spent_at = now() - interval '31 seconds' where session_id = '"
                        + sessionOf(second)
                        + "' returning 1");

        var answer = refresh(first.refresh());

        assertEquals(401, answer.status());
        assertEquals("session_ended", answer.code());
        assertEquals("session_ended", refresh(second.refresh()).code());
        assertEquals(401, me(second.token()).status());
    }

    @Test
    void anOlderSecretThanTheLastEndsTheFamily() {
        SessionGrant first = opened();
        SessionGrant third = refreshed(refreshed(first));

        assertEquals("session_ended", refresh(first.refresh()).code());
        assertEquals("session_ended", refresh(third.refresh()).code());
    }

    @Test
    void anUnknownSecretEndsNothing() {
        assertEquals("session_ended", refresh("made-up").code());
        assertEquals("session_ended", refresh("").code());
        assertEquals("session_ended", refresh("x".repeat(10_000)).code());
        assertEquals(400, calls.post("/api/v1/sessions/refresh", "{}").status());
    }

    @Test
    void leavingEndsTokenAndFamily() {
        SessionGrant grant = opened();

        assertEquals(
                204,
                calls.delete("/api/v1/sessions/current", "Authorization", "Bearer " + grant.token())
                        .status());

        assertEquals(401, me(grant.token()).status());
        assertEquals("session_ended", refresh(grant.refresh()).code());
    }

    @Test
    void revokingTheCodeEndsItsSessionsWithinFiveSeconds() throws SQLException {
        AccessCode own = store(null);
        SessionGrant grant = open("home", own.text()).as(SessionGrant.class);
        assertEquals(200, me(grant.token()).status());

        assertTrue(codes.revoke(workspace, own.publicId()));

        Instant deadline = Instant.now().plusSeconds(5);
        while (me(grant.token()).status() == 200) {
            assertTrue(Instant.now().isBefore(deadline), "still in after 5 s");
        }
        assertEquals("session_ended", refresh(grant.refresh()).code());
        assertEquals("invalid_code", open("home", own.text()).code());
    }

    @Test
    void theDatabaseHasHashesOnly() throws SQLException {
        SessionGrant grant = opened();

        assertEquals(
                "0",
                sql(
                        "select count(*) from access_code where secret_hash like '%"
                                + code.secret()
                                + "%'"));
        assertEquals(
                "0",
                sql(
                        "select count(*) from visitor_session where refresh_hash = convert_to('"
                                + grant.refresh()
                                + "', 'UTF8') or length(refresh_hash) <> 32"));
    }

    private AccessCode store(@org.jspecify.annotations.Nullable Instant expiresAt) {
        AccessCode made = AccessCode.random(new SecureRandom());
        assertTrue(codes.insert(workspace, made.publicId(), hash.of(made), "", expiresAt));
        return made;
    }

    private SessionGrant opened() {
        return open("home", code.text()).as(SessionGrant.class);
    }

    private SessionGrant refreshed(SessionGrant grant) {
        var answer = refresh(grant.refresh());
        assertEquals(200, answer.status(), answer.body());
        return answer.as(SessionGrant.class);
    }

    private Calls.Answer refresh(String secret) {
        return calls.post("/api/v1/sessions/refresh", "{\"refresh\":\"" + secret + "\"}");
    }

    private Calls.Answer open(String site, String typed) {
        return open(site, typed, network());
    }

    private Calls.Answer open(String site, String typed, String network) {
        return calls.post("/api/v1/sessions", body(site, typed), "X-Forwarded-For", network);
    }

    private Calls.Answer me(String token) {
        return calls.get(ME, "Authorization", "Bearer " + token);
    }

    private String sessionOf(SessionGrant grant) {
        return String.valueOf(me(grant.token()).object().get("sessionId"));
    }

    /// A public address that nobody else in this test has.
    private synchronized String network() {
        caller++;
        return "203.0." + caller / 256 + "." + caller % 256;
    }

    private static String body(String site, String typed) {
        return "{\"site\":\"" + site + "\",\"code\":\"" + typed + "\"}";
    }

    private String sql(String statement) throws SQLException {
        try (var connection = dataSource().getConnection();
                var rows = connection.createStatement().executeQuery(statement)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Controller(ME)
    static final class Me {
        @Get
        @Secured(Visitor.ROLE)
        Map<String, String> me(Visitor visitor) {
            return Map.of(
                    "workspaceId", visitor.workspaceId().toString(),
                    "sessionId", visitor.sessionId().toString());
        }
    }
}
