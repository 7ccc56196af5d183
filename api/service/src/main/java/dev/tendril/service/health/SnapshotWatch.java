package dev.tendril.service.health;

import dev.tendril.service.database.Repeated;
import io.micronaut.context.annotation.Property;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns when somebody holds one snapshot of the database for minutes: a forgotten transaction, a
/// long dump. No dead row that is younger can be removed then, and claims get slower with each
/// turn.
///
/// Whoever asks may not see when another role's transaction began, so the age counts from the first
/// look that found it.
@Singleton
public final class SnapshotWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWatch.class);

    private final Repeated looking = new Repeated("Looking for old snapshots");
    private final SnapshotStore store;
    private final InstantSource clock;
    private final Duration limit;
    private SnapshotStore.@Nullable Snapshot seen;
    private Instant since = Instant.EPOCH;
    private volatile boolean old;

    /// @param limit `TENDRIL_OLD_SNAPSHOT_AFTER`
    SnapshotWatch(
            SnapshotStore store,
            InstantSource clock,
            @Property(name = "tendril.old-snapshot-after", defaultValue = "2m") Duration limit) {
        this.store = store;
        this.clock = clock;
        this.limit = limit;
    }

    /// Whether somebody holds a snapshot for longer than the limit.
    public boolean old() {
        return old;
    }

    /// Looks now.
    @Scheduled(fixedDelay = "20s")
    public void look() {
        looking.run(this::compare);
    }

    private void compare() {
        SnapshotStore.Snapshot now = store.oldest();
        if (now == null || !now.equals(seen)) {
            seen = now;
            since = clock.instant();
        }
        boolean before = old;
        old = now != null && clock.instant().isAfter(since.plus(limit));
        if (now != null && old && !before) {
            LOG.atWarn()
                    .addKeyValue("event.action", "old_snapshot")
                    .log(
                            "{} holds one snapshot for more than {}; the queue gets slower until it ends",
                            now.holder(),
                            limit);
        } else if (before && !old) {
            LOG.info("the old snapshot is gone");
        }
    }
}
