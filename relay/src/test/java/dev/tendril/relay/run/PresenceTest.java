package dev.tendril.relay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class PresenceTest extends DatabaseTest {

    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "presence");
    }

    @Test
    void aWorkerThatAsksForWorkIsThere() {
        var visitor = stage.visitor();
        var chat = visitor.chat();
        var worker = stage.worker();
        stage.sql(
                "update worker set last_seen_at = now() - interval '2 min' where id = '%s'"
                        .formatted(worker.id()));
        assertFalse(visitor.chat(chat).worker().online());
        assertEquals(204, worker.claim(UUID.randomUUID(), 1, 0).status());
        assertTrue(visitor.chat(chat).worker().online());
    }
}
