package dev.tendril.service.session;

import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Visitor sessions and the families of their refresh secrets.
///
/// A secret is good for one use. Used again it ends the session, since two parties then hold it,
/// with one exception: for 30 s after its first use the *latest* spent secret is accepted again,
/// because the answer to that use may have been lost. Its unused successor dies in exchange; if
/// that one does turn up, somebody holds both, and the session ends.
@Singleton
final class SessionStore {

    /// How long the answer to a refresh may be asked for again.
    static final int GRACE_SECONDS = 30;

    private static final String OPEN =
            """
            with code as (
                update access_code set last_used_at = now()
                 where id = ? and generation = ? and revoked_at is null
                   and (expires_at is null or expires_at > now())
                returning id, workspace_id, generation
            ), session as (
                insert into visitor_session (workspace_id, access_code_id, generation, refresh_hash, expires_at)
                select workspace_id, id, generation, ?, now() + interval '12 hours' from code
                returning id, workspace_id, expires_at
            ), agreed as (
                insert into visitor_consent (session_id, workspace_id, version)
                select s.id, s.workspace_id, w.consent_version
                  from session s join workspace w on w.id = s.workspace_id where w.consent_version = ?
            )
            select id, workspace_id, expires_at from session
            """;

    private static final String ASKED_FOR =
            """
            select w.consent_version from access_code c join workspace w on w.id = c.workspace_id where c.id = ?
            """;

    private static final String AGREE =
            """
            insert into visitor_consent (session_id, workspace_id, version)
            select s.id, w.id, w.consent_version
              from visitor_session s join workspace w on w.id = s.workspace_id
             where s.id = ? and w.id = ? and w.consent_version = ?
            on conflict do nothing
            """;

    private static final String AGREED =
            """
            select 1 from visitor_session s join workspace w on w.id = s.workspace_id
             where s.id = ? and w.id = ? and w.consent_version is not distinct from ?
            """;

    private static final String BY_CURRENT =
            """
            select s.id, s.workspace_id, s.expires_at
              from visitor_session s
              join access_code c on c.id = s.access_code_id
             where s.refresh_hash = ?
               and s.revoked_at is null and s.expires_at > now()
               and c.revoked_at is null and c.generation = s.generation
               for update of s
            """;

    private static final String SPENT_OWNER =
            """
            select session_id from spent_refresh where refresh_hash = ?
            """;

    private static final String LOCK_SESSION =
            """
            select s.id, s.workspace_id, s.expires_at, s.refresh_hash
              from visitor_session s
              join access_code c on c.id = s.access_code_id
             where s.id = ?
               and s.revoked_at is null and s.expires_at > now()
               and c.revoked_at is null and c.generation = s.generation
               for update of s
            """;

    private static final String REPLAYABLE =
            """
            select 1
              from spent_refresh mine
             where mine.refresh_hash = ?
               and mine.spent_at > now() - make_interval(secs => ?)
               and not exists (select from spent_refresh later
                                where later.session_id = mine.session_id
                                  and later.spent_at > mine.spent_at)
            """;

    private static final String SPEND =
            """
            insert into spent_refresh (refresh_hash, session_id, spent_at)
            values (?, ?, case when ? then timestamptz '-infinity' else now() end)
            """;

    private static final String ROTATE =
            """
            update visitor_session set refresh_hash = ?, refreshed_at = now() where id = ?
            """;

    private static final String END =
            """
            update visitor_session set revoked_at = now() where id = ? and revoked_at is null
            """;

    private final Database database;

    SessionStore(Database database) {
        this.database = database;
    }

    /// The version of the text that the code's site asks for; null when it asks for none.
    @Nullable Integer askedFor(UUID codeId) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(ASKED_FOR)) {
                statement.setObject(1, codeId);
                try (var row = statement.executeQuery()) {
                    return row.next() ? row.getObject(1, Integer.class) : null;
                }
            }
        });
    }

    /// Stores that the visitor agreed, once.
    ///
    /// @return false when the site asks for another version by now
    boolean agree(Visitor visitor, int version) {
        return database.transaction(connection -> {
            change(connection, AGREE, visitor, version);
            try (var statement = connection.prepareStatement(AGREED)) {
                statement.setObject(1, visitor.sessionId());
                statement.setObject(2, visitor.workspaceId());
                statement.setInt(3, version);
                try (var row = statement.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    private static void change(Connection connection, String sql, Visitor visitor, int version)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setObject(1, visitor.sessionId());
            statement.setObject(2, visitor.workspaceId());
            statement.setInt(3, version);
            statement.executeUpdate();
        }
    }

    /// Opens a session of 12 h.
    ///
    /// @param consent version of the site's text that the visitor agreed to; null for none
    /// @return null if the code was revoked, rotated or expired meanwhile
    @Nullable Session open(
            UUID codeId, int generation, RefreshSecret refresh, @Nullable Integer consent) {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(OPEN)) {
                statement.setObject(1, codeId);
                statement.setInt(2, generation);
                statement.setBytes(3, refresh.hash());
                statement.setObject(4, consent, Types.INTEGER);
                try (var row = statement.executeQuery()) {
                    return row.next() ? session(row) : null;
                }
            }
        });
    }

    /// Exchanges a refresh secret for the next one.
    Refreshed refresh(RefreshSecret used, RefreshSecret next) {
        byte[] hash = used.hash();
        return database.transaction(connection -> {
            Session current = findSession(connection, BY_CURRENT, hash);
            if (current != null) {
                spend(connection, hash, current.id(), false);
                rotate(connection, current.id(), next);
                return new Refreshed.Renewed(current);
            }
            UUID owner = spentOwner(connection, hash);
            return owner == null ? new Refreshed.Unknown() : again(connection, owner, hash, next);
        });
    }

    /// Ends the session.
    void end(UUID sessionId) {
        database.statement(connection -> end(connection, sessionId));
    }

    private static Refreshed again(
            Connection connection, UUID sessionId, byte[] hash, RefreshSecret next)
            throws SQLException {
        byte[] unused;
        Session session;
        try (var statement = connection.prepareStatement(LOCK_SESSION)) {
            statement.setObject(1, sessionId);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return new Refreshed.Unknown();
                }
                session = session(row);
                unused = row.getBytes("refresh_hash");
            }
        }
        try (var statement = connection.prepareStatement(REPLAYABLE)) {
            statement.setBytes(1, hash);
            statement.setInt(2, GRACE_SECONDS);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    end(connection, sessionId);
                    return new Refreshed.Reused(sessionId);
                }
            }
        }
        spend(connection, unused, sessionId, true);
        rotate(connection, sessionId, next);
        return new Refreshed.Renewed(session);
    }

    private static @Nullable Session findSession(Connection connection, String sql, byte[] hash)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, hash);
            try (var row = statement.executeQuery()) {
                return row.next() ? session(row) : null;
            }
        }
    }

    private static @Nullable UUID spentOwner(Connection connection, byte[] hash)
            throws SQLException {
        try (var statement = connection.prepareStatement(SPENT_OWNER)) {
            statement.setBytes(1, hash);
            try (var row = statement.executeQuery()) {
                return row.next() ? row.getObject("session_id", UUID.class) : null;
            }
        }
    }

    private static void spend(
            Connection connection, byte[] hash, UUID sessionId, boolean neverAgain)
            throws SQLException {
        try (var statement = connection.prepareStatement(SPEND)) {
            statement.setBytes(1, hash);
            statement.setObject(2, sessionId);
            statement.setBoolean(3, neverAgain);
            statement.executeUpdate();
        }
    }

    private static void rotate(Connection connection, UUID sessionId, RefreshSecret next)
            throws SQLException {
        try (var statement = connection.prepareStatement(ROTATE)) {
            statement.setBytes(1, next.hash());
            statement.setObject(2, sessionId);
            statement.executeUpdate();
        }
    }

    private static int end(Connection connection, UUID sessionId) throws SQLException {
        try (var statement = connection.prepareStatement(END)) {
            statement.setObject(1, sessionId);
            return statement.executeUpdate();
        }
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                row.getObject("id", UUID.class),
                row.getObject("workspace_id", UUID.class),
                row.getObject("expires_at", OffsetDateTime.class).toInstant());
    }

    /// @param expiresAt 12 h after the code was accepted
    record Session(UUID id, UUID workspaceId, Instant expiresAt) {}

    /// What became of a refresh.
    sealed interface Refreshed {
        /// The next secret is current now.
        record Renewed(Session session) implements Refreshed {}

        /// Never handed out, or the session is over.
        record Unknown() implements Refreshed {}

        /// Used a second time: the session was ended just now.
        record Reused(UUID sessionId) implements Refreshed {}
    }
}
