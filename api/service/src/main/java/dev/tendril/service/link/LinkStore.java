package dev.tendril.service.link;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which relay holds a worker's link.
@Singleton
public final class LinkStore {

    /// A row that was not touched for this long is a dead relay's.
    private static final int GOOD_SECONDS = 45;

    private static final String HOLD =
            """
            insert into worker_link (worker_id, workspace_id, replica) values (?, ?, ?)
            on conflict (worker_id) do update
               set replica = excluded.replica, connected_at = now(), seen_at = now()
            """;

    private static final String TOUCH =
            """
            update worker_link set seen_at = now() where replica = ? and worker_id = any (?)
            """;

    private static final String LEAVE =
            """
            delete from worker_link where worker_id = ? and replica = ?
            """;

    private static final String WHERE =
            """
            select replica from worker_link
             where worker_id = ? and seen_at > now() - make_interval(secs => ?)
            """;

    private final Database database;

    LinkStore(Database database) {
        this.database = database;
    }

    /// This relay has the worker's link now.
    public void hold(UUID workspaceId, UUID workerId, String replica) {
        database.statement(connection -> {
            try (var statement = connection.prepareStatement(HOLD)) {
                statement.setObject(1, workerId);
                statement.setObject(2, workspaceId);
                statement.setString(3, replica);
                return statement.executeUpdate();
            }
        });
    }

    /// This relay still has these.
    public void touch(Collection<UUID> workers, String replica) {
        database.statement(connection -> {
            try (var statement = connection.prepareStatement(TOUCH)) {
                statement.setString(1, replica);
                statement.setArray(2, connection.createArrayOf("uuid", workers.toArray()));
                return statement.executeUpdate();
            }
        });
    }

    /// This relay has it no more. Another relay's row stays.
    public void leave(UUID workerId, String replica) {
        database.statement(connection -> {
            try (var statement = connection.prepareStatement(LEAVE)) {
                statement.setObject(1, workerId);
                statement.setString(2, replica);
                return statement.executeUpdate();
            }
        });
    }

    /// The relay that has the worker's link, or null.
    public @Nullable String where(UUID workerId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(WHERE)) {
                statement.setObject(1, workerId);
                statement.setInt(2, GOOD_SECONDS);
                try (var row = statement.executeQuery()) {
                    return row.next() ? row.getString("replica") : null;
                }
            }
        });
    }
}
