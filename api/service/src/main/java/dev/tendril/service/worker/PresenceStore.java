package dev.tendril.service.worker;

import dev.tendril.contract.chat.Presence;
import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Whether somebody is there to answer. A worker is present while it calls: every authenticated
/// call is noted ([PresenceFilter]), at most once per worker and 4 s.
@Singleton
public final class PresenceStore {

    /// A worker that has not called for this long counts as away: one claim poll (25 s) and a
    /// margin.
    public static final int ONLINE_SECONDS = 40;

    private static final long TOUCH_NANOS = TimeUnit.SECONDS.toNanos(4);

    /// Workers remembered at most; beyond that the memory starts anew and costs a write each.
    private static final int REMEMBERED = 10_000;

    private static final String PRESENCE =
            """
            select last_seen_at, model, model_kind,
                   bool_or(not draining and last_seen_at > now() - make_interval(secs => ?)) over () as online
              from worker
             where workspace_id = ? and revoked_at is null and last_seen_at is not null
             order by last_seen_at desc
             limit 1
            """;

    private static final String TOUCH =
            """
            update worker set last_seen_at = now()
             where id = ? and revoked_at is null
            """;

    private final Database database;
    private final ConcurrentHashMap<UUID, Long> touchedNanos = new ConcurrentHashMap<>();

    PresenceStore(Database database) {
        this.database = database;
    }

    /// Who would answer in this workspace, as of now.
    public Presence presence(UUID workspaceId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(PRESENCE)) {
                statement.setInt(1, ONLINE_SECONDS);
                statement.setObject(2, workspaceId);
                try (var row = statement.executeQuery()) {
                    return row.next() ? presenceOf(row) : new Presence(false, null, null, null);
                }
            }
        });
    }

    /// Whether a call of this worker is worth a write: none was noted within the last 4 s.
    boolean isDue(UUID workerId) {
        Long last = touchedNanos.get(workerId);
        return last == null || System.nanoTime() - last >= TOUCH_NANOS;
    }

    /// Notes that this worker has just called. Costs nothing when it did so within the last 4 s.
    void touch(UUID workerId) {
        if (!isDue(workerId)) {
            return;
        }
        if (touchedNanos.size() >= REMEMBERED) {
            touchedNanos.clear();
        }
        touchedNanos.put(workerId, System.nanoTime());
        database.statement(connection -> {
            try (var statement = connection.prepareStatement(TOUCH)) {
                statement.setObject(1, workerId);
                return statement.executeUpdate();
            }
        });
    }

    private static Presence presenceOf(ResultSet row) throws SQLException {
        return new Presence(
                row.getBoolean("online"),
                row.getObject("last_seen_at", OffsetDateTime.class).toInstant(),
                row.getString("model"),
                row.getString("model_kind"));
    }
}
