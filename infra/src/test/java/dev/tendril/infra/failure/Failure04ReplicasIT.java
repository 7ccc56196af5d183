package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Two relays behind nginx, twelve visitors, two workers. One relay dies by `kill -9` and comes
/// back, then the other: no visitor misses a character or sees one twice, and no run is executed
/// twice, with either kind of signals.
@ResourceLock(FailureScene.LOCK)
@Tag("nightly")
final class Failure04ReplicasIT {

    @Test
    void eachRelayDiesOnceWithSignalsOverPostgres() throws Exception {
        Needs.program("nginx");
        try (var replicas = new Replicas("postgres", Map.of("TENDRIL_SIGNALS", "postgres"))) {
            assertBothMayDie(replicas);
        }
    }

    @Test
    void eachRelayDiesOnceWithSignalsOverNats() throws Exception {
        Needs.program("nginx");
        Needs.program("nats-server");
        try (var nats = NatsServer.start(FailureScene.directory("nats"));
                var replicas =
                        new Replicas(
                                "nats",
                                Map.of(
                                        "TENDRIL_SIGNALS",
                                        "nats",
                                        "TENDRIL_NATS_URL",
                                        nats.url().toString()))) {
            assertBothMayDie(replicas);
        }
    }

    private static void assertBothMayDie(Replicas replicas) throws Exception {
        Replicas.Seen seen =
                replicas.under(() -> {
                    replicas.left.process().kill();
                    replicas.left.start();
                    replicas.right.process().kill();
                    replicas.right.start();
                });
        assertTrue(seen.resumed() > 0, "streams that were cut and taken up again: " + seen);
        assertTrue(seen.away().toMillis() < 2_000, "back within 2 s: " + seen);
    }
}
