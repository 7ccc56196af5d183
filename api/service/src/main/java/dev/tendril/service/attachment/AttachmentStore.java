package dev.tendril.service.attachment;

import dev.tendril.service.auth.Visitor;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of attachments.
@Singleton
final class AttachmentStore {

    private static final String INSERT =
            """
            insert into attachment (workspace_id, session_id, media_type, width, height, content, thumbnail)
            select ?, ?, ?, ?, ?, ?, ?
             where (select count(*) from attachment
                     where session_id = ? and workspace_id = ? and chat_id is null) < ?
            returning id
            """;

    private static final String DROP =
            """
            delete from attachment where id = ? and workspace_id = ? and session_id = ? and chat_id is null
            """;

    private static final String BIND =
            """
            update attachment set chat_id = ?
             where id = any(?) and workspace_id = ? and session_id = ? and (chat_id is null or chat_id = ?)
            returning id, media_type
            """;

    private static final String OWN =
            """
            select case when x.small then 'image/jpeg' else media_type end as media_type,
                   case when x.small then thumbnail else content end as bytes
              from attachment, (select ?::boolean as small) x
             where id = ? and workspace_id = ? and session_id = ?
            """;

    private static final String LEASED =
            """
            select a.media_type, a.content as bytes
              from run r join attachment a on a.chat_id = r.stream_id and a.workspace_id = r.workspace_id
             where r.id = ? and r.workspace_id = ? and r.worker_id = ? and r.lease_token = ?
               and r.state = 'running' and r.lease_until > now() and a.id = ?
            """;

    private static final String OF_CHAT =
            """
            select case when x.small then 'image/jpeg' else media_type end as media_type,
                   case when x.small then thumbnail else content end as bytes
              from attachment, (select ?::boolean as small) x
             where id = ? and workspace_id = ? and chat_id = ?
            """;

    /// @param most unsent ones that a session may have
    /// @return null when it has so many
    @Nullable UUID insert(Tx tx, Visitor visitor, Developed image, int most) throws SQLException {
        return tx.first(
                INSERT,
                row -> Tx.uuid(row, "id"),
                visitor.workspaceId(),
                visitor.sessionId(),
                image.mediaType(),
                image.width(),
                image.height(),
                image.content(),
                image.thumbnail(),
                visitor.sessionId(),
                visitor.workspaceId(),
                most);
    }

    /// Drops one that was not sent.
    int drop(Tx tx, Visitor visitor, UUID id) throws SQLException {
        return tx.update(DROP, id, visitor.workspaceId(), visitor.sessionId());
    }

    /// Makes these the chat's, as far as they are the visitor's and no other chat's.
    ///
    /// @return media types of those that now are
    Map<UUID, String> bind(Tx tx, Visitor visitor, UUID chatId, UUID[] ids) throws SQLException {
        Map<UUID, String> bound = new HashMap<>();
        tx.list(
                        BIND,
                        row -> Map.entry(Tx.uuid(row, "id"), row.getString("media_type")),
                        chatId,
                        ids,
                        visitor.workspaceId(),
                        visitor.sessionId(),
                        chatId)
                .forEach(entry -> bound.put(entry.getKey(), entry.getValue()));
        return bound;
    }

    @Nullable StoredImage own(Tx tx, Visitor visitor, UUID id, boolean small) throws SQLException {
        return tx.first(
                OWN, AttachmentStore::image, small, id, visitor.workspaceId(), visitor.sessionId());
    }

    @Nullable StoredImage leased(Tx tx, WorkerIdentity worker, long runId, UUID leaseToken, UUID id)
            throws SQLException {
        return tx.first(
                LEASED,
                AttachmentStore::image,
                runId,
                worker.workspaceId(),
                worker.workerId(),
                leaseToken,
                id);
    }

    @Nullable StoredImage ofChat(Tx tx, UUID workspaceId, UUID chatId, UUID id, boolean small)
            throws SQLException {
        return tx.first(OF_CHAT, AttachmentStore::image, small, id, workspaceId, chatId);
    }

    private static StoredImage image(ResultSet row) throws SQLException {
        return new StoredImage(row.getString("media_type"), row.getBytes("bytes"));
    }
}
