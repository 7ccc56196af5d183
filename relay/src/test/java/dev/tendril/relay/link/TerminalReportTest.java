package dev.tendril.relay.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a relay keeps of terminal sessions.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class TerminalReportTest extends DatabaseTest {

    private static final String PATH = "/api/v1/workers/self/terminals";

    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "terminals");
    }

    private static String session(UUID id, String name, String more) {
        return ("{\"id\":\"%s\",\"name\":\"%s\",\"columns\":80,\"rows\":24,"
                        + "\"createdAt\":\"2030-01-01T00:00:00Z\"%s}")
                .formatted(id, name, more);
    }

    private void report(Stage.WorkerRole worker, int expected, String... sessions) {
        Stage.ok(
                expected, worker.post(PATH, "{\"sessions\":[" + String.join(",", sessions) + "]}"));
    }

    private String row(UUID id) {
        return stage.sql(
                "select name || ' ' || status || ' ' || coalesce(exit_code::text, '-') || ' ' ||"
                        + " (closed_at is null) from terminal_session where id = '"
                        + id
                        + "'");
    }

    @Test
    void sessionsComeAndGoAndAreLost() {
        Stage.WorkerRole worker = stage.worker();
        UUID one = UUID.randomUUID();
        UUID two = UUID.randomUUID();
        report(worker, 204, session(one, "one", ""), session(two, "two", ""));
        assertEquals("one running - true", row(one));
        report(worker, 204, session(one, "renamed", ",\"exitCode\":7"));
        assertEquals("renamed exited 7 false", row(one));
        assertEquals("two lost - false", row(two));
        report(worker, 204, session(two, "two", ""));
        assertEquals("two running - true", row(two), "it was there all the time");
        stage.sql(
                "update terminal_session set closed_at = now() - interval '31 days' where id = '%s'"
                        .formatted(one));
        report(worker, 204);
        assertEquals("", row(one));
    }

    @Test
    void anotherWorkersSessionIsNotTouched() {
        Stage.WorkerRole worker = stage.worker();
        Stage.WorkerRole other = stage.worker();
        UUID id = UUID.randomUUID();
        report(worker, 204, session(id, "mine", ""));
        report(other, 204, session(id, "yours", ",\"exitCode\":0"));
        assertEquals("mine running - true", row(id));
    }

    @Test
    void whatIsNoReportIsRefused() {
        Stage.WorkerRole worker = stage.worker();
        report(worker, 400, session(UUID.randomUUID(), "", ""));
        report(worker, 400, session(UUID.randomUUID(), "x".repeat(65), ""));
        report(worker, 400, session(UUID.randomUUID(), "x", "").replace(":80", ":1"));
        String[] many = new String[101];
        java.util.Arrays.setAll(many, i -> session(UUID.randomUUID(), "x" + i, ""));
        report(worker, 400, many);
        Stage.ok(403, stage.visitor().post(PATH, "{\"sessions\":[]}"));
    }
}
