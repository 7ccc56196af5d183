package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.health.SnapshotWatch;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Failure 20: somebody keeps an old snapshot open while the queue churns. The alert fires, claims
/// stay bounded, and it is over when the snapshot is.
@MicronautTest(transactional = false)
final class Failure20OldSnapshotTest extends QueueTest {

    private static final Duration CHURN = Duration.ofSeconds(4);
    private static final Duration MOST = Duration.ofMillis(250);

    @Inject SnapshotWatch watch;

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.old-snapshot-after", "1s");
        return properties;
    }

    @Test
    void theAlertFiresClaimsStayBoundedAndItEndsWithTheSnapshot() throws Exception {
        watch.look();
        assertFalse(watch.old());
        UUID chat = chat();
        try (Connection holder = dataSource().getConnection()) {
            holder.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            holder.setAutoCommit(false);
            execute(holder, "select count(*) from run");
            List<Long> claims = new ArrayList<>();
            watch.look();
            long end = System.nanoTime() + CHURN.toNanos();
            for (int n = 1; System.nanoTime() < end; n++) {
                if (n % 50 == 0) {
                    chat = chat();
                }
                post(chat, "m" + n);
                long startNanos = System.nanoTime();
                ClaimedRun run = claimOne();
                claims.add(System.nanoTime() - startNanos);
                complete(run, 1, start(run), FINISH);
            }
            claims.sort(null);
            Duration p99 = Duration.ofNanos(claims.get(claims.size() * 99 / 100));
            System.out.println(claims.size() + " claims under an old snapshot, p99 " + p99);
            assertTrue(p99.compareTo(MOST) < 0, p99 + " is more than " + MOST);
            await(
                    "the alert",
                    () -> {
                        watch.look();
                        return watch.old();
                    });
            holder.rollback();
        }
        await(
                "its end",
                () -> {
                    watch.look();
                    return !watch.old();
                });
    }

    @Test
    void noTransactionOfTheRelayCanStandIdle() {
        assertEquals(
                "10s",
                transactions.read(tx ->
                        tx.first(
                                "show idle_in_transaction_session_timeout",
                                row -> row.getString(1))));
    }
}
