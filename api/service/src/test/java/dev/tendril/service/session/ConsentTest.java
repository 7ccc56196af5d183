package dev.tendril.service.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.session.SessionGrant;
import dev.tendril.contract.session.Site;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import dev.tendril.service.http.Calls.Answer;
import dev.tendril.service.workspace.WorkspaceStore;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a site asks its visitors to agree to: shown before the first word, asked again when it
/// changes, and kept with who agreed to which version and when.
@SuppressWarnings("NullAway.Init") // set in house()
@MicronautTest(transactional = false)
final class ConsentTest extends DatabaseTest {

    private Calls calls;
    private WorkspaceStore workspaces;
    private CodeStore codes;
    private CodeHash hash;
    private int sites;

    @BeforeAll
    void house(EmbeddedServer server, WorkspaceStore workspaces, CodeStore codes, CodeHash hash) {
        this.calls = new Calls(server.getURI());
        this.workspaces = workspaces;
        this.codes = codes;
        this.hash = hash;
    }

    @Test
    void aVisitorAgreesAtTheDoorAndAgainWhenTheTextHasChanged() throws SQLException {
        String site = site();
        AccessCode code = code(site);
        assertNull(asked(site));
        assertEquals(1, workspaces.consent(site, "Your words are stored."));
        assertEquals(new Site.Consent(1, "Your words are stored."), asked(site));

        for (String missing : new String[] {"null", "0", "2"}) {
            Answer refused = open(site, code, missing);
            assertEquals(409, refused.status());
            assertEquals("consent_required", refused.code());
        }
        // Whoever has no code is told nothing else than ever.
        assertEquals(
                "invalid_code", open(site, AccessCode.random(new SecureRandom()), "null").code());
        String token = open(site, code, "1").as(SessionGrant.class).token();
        String chat = chat(token);
        assertEquals(202, say(token, chat, "m1").status());

        // The same text again is no new version.
        assertEquals(1, workspaces.consent(site, "Your words are stored."));
        assertEquals(2, workspaces.consent(site, "Your words are stored for a year."));
        forgotten(token);
        assertEquals("consent_required", say(token, chat, "m2").code());
        assertEquals(409, agree(token, 1).status());
        assertEquals("consent_required", say(token, chat, "m2").code());
        assertEquals(204, agree(token, 2).status());
        assertEquals(204, agree(token, 2).status());
        assertEquals(202, say(token, chat, "m2").status());

        Answer export = get(token, "/api/v1/chats/" + chat + "/transcript?format=json");
        assertTrue(
                export.body()
                        .matches(
                                "(?s).*\"consents\":\\[\\{\"version\":1,\"at\":\"[^\"]+\"},\\{\"version\":2,\"at\":\"[^\"]+\"}].*"),
                export.body());
        assertTrue(
                get(token, "/api/v1/chats/" + chat + "/transcript")
                        .body()
                        .contains("Agreed to version 2 of the consent text, 2"));
        assertEquals(
                "1,2",
                sql(
                        """
                        select string_agg(v.version::text, ',' order by v.at)
                          from visitor_consent v join chat c on c.session_id = v.session_id where c.id = '%s'
                        """
                                .formatted(chat)));
        assertEquals("2", sql("select count(*) from audit_entry where action = 'consent_changed'"));
    }

    @Test
    void aTextThatIsTakenBackAsksNobodyAndAnOldOneIsANewVersion() throws SQLException {
        String site = site();
        AccessCode code = code(site);
        assertEquals(1, workspaces.consent(site, "One"));
        assertEquals(0, workspaces.consent(site, null));
        assertNull(asked(site));
        String token = open(site, code, "null").as(SessionGrant.class).token();
        String chat = chat(token);
        assertEquals(202, say(token, chat, "m1").status());
        String later = open(site, code, "null").as(SessionGrant.class).token();
        // The old text makes a new version: whoever agreed to it long ago is asked again.
        assertEquals(2, workspaces.consent(site, "One"));
        assertEquals("consent_required", say(later, chat, "m2").code());
        assertEquals(
                "consent_required", post(later, "/api/v1/chats/" + chat + "/retry", "{}").code());
        assertThrows(NoSuchElementException.class, () -> workspaces.consent("nowhere", "Text"));
    }

    private String site() throws SQLException {
        String site = "consent" + sites++;
        sql("insert into workspace (slug, title) values ('%s', 'C') returning id".formatted(site));
        return site;
    }

    private AccessCode code(String site) throws SQLException {
        AccessCode code = AccessCode.random(new SecureRandom());
        UUID workspace =
                UUID.fromString(sql("select id from workspace where slug = '%s'".formatted(site)));
        assertTrue(codes.insert(workspace, code.publicId(), hash.of(code), "", null));
        return code;
    }

    private Site.Consent asked(String site) {
        return calls.get("/api/v1/sites/" + site).as(Site.class).consent();
    }

    private Answer open(String site, AccessCode code, String consent) {
        return calls.post(
                "/api/v1/sessions",
                "{\"site\":\"%s\",\"code\":\"%s\",\"consent\":%s}"
                        .formatted(site, code.text(), consent));
    }

    private String chat(String token) {
        return post(token, "/api/v1/chats", "{}").as(Chat.class).id().toString();
    }

    private Answer say(String token, String chat, String id) {
        return post(
                token,
                "/api/v1/chats/" + chat + "/messages",
                "{\"id\":\"" + id + "\",\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}");
    }

    private Answer agree(String token, int version) {
        return post(token, "/api/v1/sessions/current/consent", "{\"version\":" + version + "}");
    }

    /// What is known of a session is asked anew after 4 s at most.
    private void forgotten(String token) {
        long deadline = System.nanoTime() + 8_000_000_000L;
        while (System.nanoTime() < deadline) {
            if (agree(token, 4711).status() == 409 && stale(token)) {
                return;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
    }

    private boolean stale(String token) {
        Answer probe = post(token, "/api/v1/chats/" + new UUID(0, 0) + "/retry", "{}");
        return "consent_required".equals(probe.code());
    }

    private Answer get(String token, String path) {
        return calls.get(path, "Authorization", "Bearer " + token);
    }

    private Answer post(String token, String path, String body) {
        return calls.post(path, body, "Authorization", "Bearer " + token);
    }

    private String sql(String statement) throws SQLException {
        try (var connection = dataSource().getConnection();
                var rows = connection.createStatement().executeQuery(statement)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
