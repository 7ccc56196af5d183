package dev.tendril.service.worker;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Workers and the hashes of their tokens.
@Singleton
public final class WorkerStore {

    private static final String INSERT =
            """
            insert into worker (workspace_id, name, token_id, token_hash) values (?, ?, ?, ?)
            """;

    private static final String BY_TOKEN =
            """
            select id, workspace_id, token_hash from worker where token_id = ? and revoked_at is null
            """;

    /// Pins the key at the first session. A nonce counts once: only a later one than the last. A
    /// process whose place another took gets no session any more.
    private static final String PROVEN =
            """
            update worker w
               set public_key = coalesce(w.public_key, ?), model = ?, model_kind = ?, version = ?,
                   draining = false, last_seen_at = now(), proven_at = ?,
                   instance = coalesce(x.instance, w.instance),
                   replaced = case when x.instance <> w.instance
                                   then (array_prepend(w.instance, w.replaced))[:16] else w.replaced end
              from workspace s, (select ?::uuid as instance) x
             where w.id = ? and s.id = w.workspace_id and w.revoked_at is null
               and (w.public_key is null or w.public_key = ?)
               and (w.proven_at is null or w.proven_at < ?)
               and (x.instance is null or x.instance <> all (w.replaced))
            returning s.slug
            """;

    private static final String DRAIN =
            """
            update worker set draining = true, last_seen_at = now() where id = ? and workspace_id = ?
            """;

    private static final String LIST =
            """
            select name, token_id, model, public_key is not null as pinned, draining, created_at,
                   last_seen_at, revoked_at
              from worker
             where workspace_id = ?
             order by created_at
            """;

    private static final String REVOKE =
            """
            update worker set revoked_at = now() where workspace_id = ? and token_id = ? and revoked_at is null
            """;

    private static final String AUDIT =
            """
            insert into audit_entry (workspace_id, actor, action, subject) values (?, 'cli', ?, ?)
            """;

    private final Database database;

    WorkerStore(Database database) {
        this.database = database;
    }

    /// Stores a new worker, known by its token until its first session pins its key.
    public void insert(UUID workspaceId, String name, WorkerToken token) {
        database.transaction(connection -> {
            try (var statement = connection.prepareStatement(INSERT)) {
                statement.setObject(1, workspaceId);
                statement.setString(2, name);
                statement.setString(3, token.id());
                statement.setBytes(4, token.hash());
                statement.executeUpdate();
            }
            audit(connection, workspaceId, "token_created", token.id());
            return true;
        });
    }

    /// All workers of a workspace, the oldest first.
    public List<Listed> list(UUID workspaceId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(LIST)) {
                statement.setObject(1, workspaceId);
                try (var rows = statement.executeQuery()) {
                    List<Listed> workers = new ArrayList<>();
                    while (rows.next()) {
                        workers.add(listed(rows));
                    }
                    return workers;
                }
            }
        });
    }

    /// Ends a token; its worker's calls are refused within 5 s.
    ///
    /// @return false if there is no such usable token
    public boolean revoke(UUID workspaceId, String tokenId) {
        return database.transaction(connection -> {
            try (var statement = connection.prepareStatement(REVOKE)) {
                statement.setObject(1, workspaceId);
                statement.setString(2, tokenId);
                if (statement.executeUpdate() == 0) {
                    return false;
                }
            }
            audit(connection, workspaceId, "token_revoked", tokenId);
            return true;
        });
    }

    /// The worker of a token id, or null.
    @Nullable Found find(String tokenId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(BY_TOKEN)) {
                statement.setString(1, tokenId);
                try (var row = statement.executeQuery()) {
                    return row.next()
                            ? new Found(
                                    row.getObject("id", UUID.class),
                                    row.getObject("workspace_id", UUID.class),
                                    row.getBytes("token_hash"))
                            : null;
                }
            }
        });
    }

    /// Notes a proven session: what the worker says of itself, its key at the first time, presence.
    ///
    /// @param provenAt when the nonce was made
    /// @return the workspace's slug; null if another key is pinned, the nonce was used, the worker
    ///   was revoked, or another process took this one's place
    @Nullable String proven(UUID workerId, byte[] publicKey, Introduction says, Instant provenAt) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(PROVEN)) {
                OffsetDateTime at = provenAt.atOffset(ZoneOffset.UTC);
                statement.setBytes(1, publicKey);
                statement.setString(2, says.model());
                statement.setString(3, says.modelKind());
                statement.setString(4, says.version());
                statement.setObject(5, at);
                statement.setObject(6, says.instance());
                statement.setObject(7, workerId);
                statement.setBytes(8, publicKey);
                statement.setObject(9, at);
                try (var row = statement.executeQuery()) {
                    return row.next() ? row.getString("slug") : null;
                }
            }
        });
    }

    /// No new claims until the worker's next session.
    void drain(UUID workspaceId, UUID workerId) {
        database.statement(connection -> {
            try (var statement = connection.prepareStatement(DRAIN)) {
                statement.setObject(1, workerId);
                statement.setObject(2, workspaceId);
                return statement.executeUpdate();
            }
        });
    }

    private static void audit(
            Connection connection, UUID workspaceId, String action, String tokenId)
            throws SQLException {
        try (var statement = connection.prepareStatement(AUDIT)) {
            statement.setObject(1, workspaceId);
            statement.setString(2, action);
            statement.setString(3, tokenId);
            statement.executeUpdate();
        }
    }

    private static Listed listed(ResultSet row) throws SQLException {
        return new Listed(
                row.getString("name"),
                row.getString("token_id"),
                row.getString("model"),
                row.getBoolean("pinned"),
                row.getBoolean("draining"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                instant(row, "last_seen_at"),
                instant(row, "revoked_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /// What a worker says of itself when it comes.
    record Introduction(String model, String modelKind, String version, @Nullable UUID instance) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Found(UUID id, UUID workspaceId, byte[] tokenHash) {}

    /// What may be shown of a worker.
    ///
    /// @param pinned its first session has been
    public record Listed(
            String name,
            String tokenId,
            @Nullable String model,
            boolean pinned,
            boolean draining,
            Instant createdAt,
            @Nullable Instant lastSeenAt,
            @Nullable Instant revokedAt) {}
}
