package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// PostgreSQL loses its connections, is stopped at once, and dies with all its processes, while
/// answers are written: what was acknowledged is there, and readers never see it change.
@ResourceLock(FailureScene.LOCK)
final class Failure08DatabaseDiesIT {
    private static final String TERMINATE_ALL =
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where usename = current_user and pid <> pg_backend_pid()
            """;

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void backendsAreKilledThenItIsStoppedAtOnceThenAllOfItIsKilled() throws Exception {
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            turns.add(scene.ask(scene.relay.url(), "database dies", 300, 25));
        }
        turns.forEach(turn -> turn.awaitPieces(5));

        long killed = Sql.number(scene.house, TERMINATE_ALL);
        assertTrue(killed > 1, "connections killed: " + killed);
        goesOn(turns);
        scene.house.database().stopAtOnce();
        goesOn(turns);
        assertTrue(scene.house.database().killAll() > 3, "processes killed");

        for (Turn turn : turns) {
            turn.assertAnswered();
        }
    }

    /// The database is back, and more text comes.
    private static void goesOn(List<Turn> turns) {
        for (Turn turn : turns) {
            turn.awaitPieces(turn.pieces() + 5);
        }
    }
}
