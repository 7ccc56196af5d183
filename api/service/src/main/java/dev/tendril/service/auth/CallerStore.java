package dev.tendril.service.auth;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Whether the subject of a valid token is still welcome.
@Singleton
final class CallerStore {

    private static final String SESSION_OPEN =
            """
            select w.consent_version is null
                   or exists (select from visitor_consent v
                               where v.session_id = s.id and v.version = w.consent_version) as agreed
              from visitor_session s
              join workspace w on w.id = s.workspace_id
              join access_code c on c.id = s.access_code_id
             where s.id = ? and s.workspace_id = ?
               and s.revoked_at is null and s.expires_at > now()
               and c.revoked_at is null and c.generation = s.generation
            """;

    private static final String WORKER_KNOWN =
            """
            select 1 from worker where id = ? and workspace_id = ? and revoked_at is null
            """;

    private final Database database;

    CallerStore(Database database) {
        this.database = database;
    }

    /// Whether the session's visitor agreed to what the site asks for now; null when it is over.
    @Nullable Boolean sessionOpen(UUID workspaceId, UUID sessionId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(SESSION_OPEN)) {
                statement.setObject(1, sessionId);
                statement.setObject(2, workspaceId);
                try (var row = statement.executeQuery()) {
                    return row.next() ? row.getBoolean("agreed") : null;
                }
            }
        });
    }

    boolean workerKnown(UUID workspaceId, UUID workerId) {
        return exists(WORKER_KNOWN, workerId, workspaceId);
    }

    private boolean exists(String sql, UUID id, UUID workspaceId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                statement.setObject(1, id);
                statement.setObject(2, workspaceId);
                try (var rows = statement.executeQuery()) {
                    return rows.next();
                }
            }
        });
    }
}
