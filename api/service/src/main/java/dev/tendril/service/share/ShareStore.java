package dev.tendril.service.share;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.share.Share;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Tx;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of share links.
@Singleton
final class ShareStore {

    private static final Argument<List<Part>> PARTS = Argument.listOf(Part.class);

    private static final String OWN =
            """
            select id from chat where id = ? and workspace_id = ? and session_id = ?
            """;

    /// What stands in the history now.
    private static final String MESSAGES_NOW =
            """
            select array(select id from message
                          where chat_id = ? and workspace_id = ? and replaced_at is null
                          order by ordinal) as ids
            """;

    private static final String COUNT =
            """
            select count(*) filter (where revoked_at is null and expires_at > now()) as live,
                   count(*) filter (where created_at > now() - interval '24 h') as fresh
              from share_link where workspace_id = ? and session_id = ?
            """;

    private static final String INSERT =
            """
            insert into share_link
                   (workspace_id, session_id, chat_id, token_hash, seq, message_ids, attachments, expires_at)
            values (?, ?, ?, ?, ?, ?, ?, now() + make_interval(days => ?))
            returning id, chat_id, (select title from chat c where c.id = chat_id) as title,
                      created_at, expires_at, attachments
            """;

    private static final String LIST =
            """
            select l.id, l.chat_id, c.title, l.created_at, l.expires_at, l.attachments
              from share_link l join chat c on c.id = l.chat_id
             where l.workspace_id = ? and l.session_id = ? and l.revoked_at is null and l.expires_at > now()
             order by l.created_at desc, l.id desc
            """;

    private static final String REVOKE =
            """
            update share_link set revoked_at = now()
             where id = ? and workspace_id = ? and session_id = coalesce(?, session_id)
               and revoked_at is null
            """;

    private static final String BY_TOKEN =
            """
            select l.workspace_id, l.chat_id, l.message_ids, l.attachments, l.created_at, l.expires_at,
                   w.title as site
              from share_link l join workspace w on w.id = l.workspace_id
             where l.token_hash = ? and l.revoked_at is null and l.expires_at > now()
            """;

    private static final String MESSAGES =
            """
            select id, role, parts, metadata, created_at from message
             where chat_id = ? and workspace_id = ? and id = any(?)
             order by ordinal
            """;

    private static final String ALL =
            """
            select id, chat_id, seq, attachments, created_at, expires_at, revoked_at
              from share_link where workspace_id = ?
             order by created_at desc, id desc limit ?
            """;

    private static final String AUDIT =
            """
            insert into audit_entry (workspace_id, actor, action, subject) values (?, ?, ?, ?)
            """;

    private final ObjectMapper json;

    ShareStore(ObjectMapper json) {
        this.json = json;
    }

    boolean own(Tx tx, Visitor visitor, UUID chatId) throws SQLException {
        return tx.first(
                        OWN,
                        row -> Tx.uuid(row, "id"),
                        chatId,
                        visitor.workspaceId(),
                        visitor.sessionId())
                != null;
    }

    /// Ids of the history's messages, in order. The caller holds the stream's lock.
    String[] messagesNow(Tx tx, UUID workspaceId, UUID chatId) throws SQLException {
        String[] ids =
                tx.first(
                        MESSAGES_NOW,
                        row -> (String[]) row.getArray("ids").getArray(),
                        chatId,
                        workspaceId);
        return ids == null ? new String[0] : ids;
    }

    Count count(Tx tx, Visitor visitor) throws SQLException {
        Count count =
                tx.first(
                        COUNT,
                        row -> new Count(row.getInt("live"), row.getInt("fresh")),
                        visitor.workspaceId(),
                        visitor.sessionId());
        if (count == null) {
            throw new IllegalStateException("count returned no row");
        }
        return count;
    }

    /// @param path told with the link, this once
    Share insert(Tx tx, Visitor visitor, Frozen frozen, byte[] tokenHash, String path)
            throws SQLException {
        Share share =
                tx.first(
                        INSERT,
                        row -> share(row, path),
                        visitor.workspaceId(),
                        visitor.sessionId(),
                        frozen.chatId(),
                        tokenHash,
                        frozen.seq(),
                        frozen.messageIds(),
                        frozen.attachments(),
                        frozen.days());
        if (share == null) {
            throw new IllegalStateException("insert returned no row");
        }
        return share;
    }

    List<Share> list(Tx tx, Visitor visitor) throws SQLException {
        return tx.list(LIST, row -> share(row, null), visitor.workspaceId(), visitor.sessionId());
    }

    /// @param sessionId whose it must be; null for the operator
    /// @return false if there is no such link, or it was revoked already
    boolean revoke(Tx tx, UUID workspaceId, @Nullable UUID sessionId, UUID id) throws SQLException {
        return tx.update(REVOKE, id, workspaceId, sessionId) == 1;
    }

    @Nullable Link find(Tx tx, byte[] tokenHash) throws SQLException {
        return tx.first(
                BY_TOKEN,
                row ->
                        new Link(
                                Tx.uuid(row, "workspace_id"),
                                Tx.uuid(row, "chat_id"),
                                List.of((String[]) row.getArray("message_ids").getArray()),
                                row.getBoolean("attachments"),
                                Tx.instant(row, "created_at"),
                                Tx.instant(row, "expires_at"),
                                row.getString("site")),
                tokenHash);
    }

    List<ChatMessage> messages(Tx tx, Link link) throws SQLException {
        return tx.list(
                MESSAGES,
                this::message,
                link.chatId(),
                link.workspaceId(),
                link.messageIds().toArray(String[]::new));
    }

    List<ListedShare> all(Tx tx, UUID workspaceId, int most) throws SQLException {
        return tx.list(
                ALL,
                row ->
                        new ListedShare(
                                Tx.uuid(row, "id"),
                                Tx.uuid(row, "chat_id"),
                                row.getLong("seq"),
                                row.getBoolean("attachments"),
                                Tx.instant(row, "created_at"),
                                Tx.instant(row, "expires_at"),
                                row.getObject("revoked_at") == null
                                        ? null
                                        : Tx.instant(row, "revoked_at")),
                workspaceId,
                most);
    }

    void audit(Tx tx, UUID workspaceId, String actor, String action, UUID id) throws SQLException {
        tx.update(AUDIT, workspaceId, actor, action, id.toString());
    }

    private ChatMessage message(ResultSet row) throws SQLException {
        try {
            String stored = row.getString("metadata");
            Metadata told =
                    stored == null
                            ? Metadata.at(null)
                            : json.readValue(stored, Argument.of(Metadata.class));
            var metadata =
                    new Metadata(
                            Tx.instant(row, "created_at"),
                            told.model(),
                            told.modelKind(),
                            told.state(),
                            told.reason(),
                            null,
                            told.failure());
            return new ChatMessage(
                    row.getString("id"),
                    row.getString("role"),
                    json.readValue(row.getString("parts"), PARTS),
                    metadata);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Share share(ResultSet row, @Nullable String path) throws SQLException {
        return new Share(
                Tx.uuid(row, "id"),
                Tx.uuid(row, "chat_id"),
                row.getString("title"),
                Tx.instant(row, "created_at"),
                Tx.instant(row, "expires_at"),
                row.getBoolean("attachments"),
                path);
    }

    /// @param live links that open something
    /// @param fresh made in the last 24 h
    record Count(int live, int fresh) {}

    /// @param seq the stream's last when it was frozen
    /// @param days until the link ends
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frozen(UUID chatId, long seq, String[] messageIds, boolean attachments, int days) {}

    record Link(
            UUID workspaceId,
            UUID chatId,
            List<String> messageIds,
            boolean attachments,
            Instant createdAt,
            Instant expiresAt,
            String site) {}
}
