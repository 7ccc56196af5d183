package dev.tendril.service.chat;

import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of what pages of the AI SDK call their chats.
@Singleton
final class AliasStore {

    private static final String LOCK =
            """
            select pg_advisory_xact_lock(hashtextextended('alias ' || ?::text || ' ' || ?, 0))
            """;

    private static final String FIND =
            """
            select id from chat where session_id = ? and workspace_id = ? and alias = ?
            """;

    private static final String NAME =
            """
            update chat set alias = ? where id = ? and workspace_id = ?
            """;

    /// One at a time opens the chat of a name.
    void lock(Tx tx, Visitor visitor, String alias) throws SQLException {
        tx.first(LOCK, _ -> true, visitor.sessionId(), alias);
    }

    /// The visitor's chat that their page calls so; null when there is none.
    @Nullable UUID find(Tx tx, Visitor visitor, String alias) throws SQLException {
        return tx.first(
                FIND, row -> Tx.uuid(row, "id"), visitor.sessionId(), visitor.workspaceId(), alias);
    }

    void name(Tx tx, Visitor visitor, UUID id, String alias) throws SQLException {
        tx.update(NAME, alias, id, visitor.workspaceId());
    }
}
