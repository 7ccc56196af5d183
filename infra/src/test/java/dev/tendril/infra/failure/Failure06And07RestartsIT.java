package dev.tendril.infra.failure;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.ResourceLock;

/// What an operator does every week: all relays are restarted in order, one after the other; nginx
/// reads its configuration anew, or dies. Nobody has a second attempt, and whoever asks again is
/// answered.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ResourceLock(FailureScene.LOCK)
@Tag("nightly")
final class Failure06And07RestartsIT {
    private @Nullable Replicas replicas;

    @BeforeAll
    void start() throws Exception {
        Needs.program("nginx");
        replicas = new Replicas("restarts", Map.of());
    }

    @AfterAll
    void end() throws Exception {
        if (replicas != null) {
            replicas.close();
        }
    }

    @Test
    void failure06RollingRestartOfAllRelays() throws Exception {
        Replicas replicas = requireNonNull(this.replicas);
        replicas.under(() -> {
            replicas.left.process().terminate();
            replicas.left.start();
            replicas.right.process().terminate();
            replicas.right.start();
        });
    }

    @Test
    void failure07NginxReloadsAndDies() throws Exception {
        Replicas replicas = requireNonNull(this.replicas);
        Replicas.Seen seen =
                replicas.under(() -> {
                    replicas.nginx.reload();
                    replicas.awaitAnswers(Replicas.VISITORS);
                    replicas.nginx.kill();
                    replicas.nginx.restart();
                });
        assertTrue(seen.resumed() > 0, "streams that were cut and taken up again: " + seen);
    }
}
