package dev.tendril.service.session;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Access codes. Secrets never come this far, only their hashes.
@Singleton
public final class CodeStore {

    private static final String FIND =
            """
            select c.id, c.workspace_id, c.secret_hash, c.generation,
                   (c.revoked_at is null and (c.expires_at is null or c.expires_at > now())) as usable
              from access_code c
              join workspace w on w.id = c.workspace_id
             where w.slug = ? and c.public_id = ?
            """;

    private static final String INSERT =
            """
            insert into access_code (workspace_id, public_id, secret_hash, label, expires_at)
            values (?, ?, ?, ?, ?)
            on conflict (workspace_id, public_id) do nothing
            """;

    private static final String LIST =
            """
            select public_id, label, created_at, expires_at, revoked_at, last_used_at
              from access_code
             where workspace_id = ?
             order by created_at
            """;

    private static final String REVOKE =
            """
            update access_code set revoked_at = now()
             where workspace_id = ? and public_id = ? and revoked_at is null
            """;

    private static final String AUDIT =
            """
            insert into audit_entry (workspace_id, actor, action, subject) values (?, ?, ?, ?)
            """;

    private final Database database;

    CodeStore(Database database) {
        this.database = database;
    }

    /// The code's row, usable or not; null if there is none.
    @Nullable Found find(String site, String publicId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(FIND)) {
                statement.setString(1, site);
                statement.setString(2, publicId);
                try (var row = statement.executeQuery()) {
                    return row.next()
                            ? new Found(
                                    row.getObject("id", UUID.class),
                                    row.getObject("workspace_id", UUID.class),
                                    row.getString("secret_hash"),
                                    row.getInt("generation"),
                                    row.getBoolean("usable"))
                            : null;
                }
            }
        });
    }

    /// Stores a new code.
    ///
    /// @param expiresAt null means never
    /// @return false if the public id is taken
    public boolean insert(
            UUID workspaceId,
            String publicId,
            String secretHash,
            String label,
            @Nullable Instant expiresAt) {
        return database.transaction(connection -> {
            try (var statement = connection.prepareStatement(INSERT)) {
                statement.setObject(1, workspaceId);
                statement.setString(2, publicId);
                statement.setString(3, secretHash);
                statement.setString(4, label);
                statement.setObject(
                        5, expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC));
                if (statement.executeUpdate() == 0) {
                    return false;
                }
            }
            audit(connection, workspaceId, "code_created", publicId);
            return true;
        });
    }

    /// All codes of a workspace, the oldest first.
    public List<Listed> list(UUID workspaceId) {
        return database.statement(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LIST)) {
                statement.setObject(1, workspaceId);
                try (var rows = statement.executeQuery()) {
                    List<Listed> codes = new ArrayList<>();
                    while (rows.next()) {
                        codes.add(listed(rows));
                    }
                    return codes;
                }
            }
        });
    }

    /// Ends the code and with it every session that it opened.
    ///
    /// @return false if there is no such usable code
    public boolean revoke(UUID workspaceId, String publicId) {
        return database.transaction(connection -> {
            try (var statement = connection.prepareStatement(REVOKE)) {
                statement.setObject(1, workspaceId);
                statement.setString(2, publicId);
                if (statement.executeUpdate() == 0) {
                    return false;
                }
            }
            audit(connection, workspaceId, "code_revoked", publicId);
            return true;
        });
    }

    private static void audit(
            Connection connection, UUID workspaceId, String action, String publicId)
            throws SQLException {
        try (var statement = connection.prepareStatement(AUDIT)) {
            statement.setObject(1, workspaceId);
            statement.setString(2, "cli");
            statement.setString(3, action);
            statement.setString(4, publicId);
            statement.executeUpdate();
        }
    }

    private static Listed listed(ResultSet row) throws SQLException {
        return new Listed(
                row.getString("public_id"),
                row.getString("label"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                instant(row, "expires_at"),
                instant(row, "revoked_at"),
                instant(row, "last_used_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /// @param generation rises when the code is rotated; sessions of an older one are over
    /// @param usable neither expired nor revoked
    record Found(UUID id, UUID workspaceId, String secretHash, int generation, boolean usable) {}

    /// What may be shown of a code.
    public record Listed(
            String publicId,
            String label,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt) {}
}
