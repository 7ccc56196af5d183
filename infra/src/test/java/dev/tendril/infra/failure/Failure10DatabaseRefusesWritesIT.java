package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.visitor.Visitor;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The database takes no writes: read only, as a standby is, or after a fail-over to the wrong
/// server. Callers are refused cleanly, nothing is stored by halves, and all goes on later.
@ResourceLock(FailureScene.LOCK)
final class Failure10DatabaseRefusesWritesIT {
    private static final String CUT_ALL =
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where usename = current_user and pid <> pg_backend_pid()
            """;

    private static final String ROWS =
            """
            select (select count(*) from message) + (select count(*) from run)
                 + (select count(*) from event) + (select sum(last_seq) from stream)
            """;

    private final FailureScene scene = FailureScene.get();
    private boolean refusing;

    @AfterEach
    void whole() throws Exception {
        if (refusing) {
            readOnly(false);
        }
        scene.assertWhole();
    }

    @Test
    void readOnlyIsACleanRefusalAndNoHalfState() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String id = UUID.randomUUID().toString();
        String text = FailureScene.text("read only", 20, 0);
        Turn turn = scene.ask(scene.relay.url(), "in flight", 100, 25).awaitPieces(3);

        readOnly(true);
        long rows = Sql.number(scene.house, ROWS);
        var refused = visitor.post(chat, id, text);

        assertEquals(503, refused.statusCode());
        assertTrue(refused.headers().firstValue("retry-after").isPresent());
        FailureScene.soon(
                "reads to go on",
                () -> visitor.call("GET", "/api/v1/chats/" + chat, null).statusCode() == 200);
        assertEquals(rows, Sql.number(scene.house, ROWS));

        readOnly(false);
        FailureScene.soon(
                "the message to be taken", () -> visitor.post(chat, id, text).statusCode() == 202);
        visitor.read(chat).answer("0", FailureScene.SOON);
        assertEquals(2, visitor.messages(chat).size(), "one question, one answer");
        turn.assertAnswered();
    }

    private void readOnly(boolean on) throws Exception {
        refusing = on;
        Sql.run(
                scene.house,
                "begin",
                "set transaction read write",
                "do $$ begin execute format('alter database %I set default_transaction_read_only = "
                        + on
                        + "', current_database()); end $$",
                "commit",
                CUT_ALL);
    }
}
