package dev.tendril.service.chat;

import static java.util.Objects.requireNonNull;

import dev.tendril.service.database.Tx;
import dev.tendril.service.run.Run;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/// SQL of messages that are posted together.
@Singleton
final class PostStore {

    private static final String LOCK_OWN =
            """
            select c.id
              from unnest(?::uuid[], ?::uuid[], ?::uuid[]) as x (chat, workspace, session)
              join chat c on c.id = x.chat and c.workspace_id = x.workspace and c.session_id = x.session
              join stream s on s.id = c.id
             order by s.id
               for update of s skip locked
            """;

    private static final String ROOMS =
            """
            select x.chat, s.last_seq, now() as now,
                   exists (select from message m where m.chat_id = x.chat and m.id = x.message)
                   or exists (select from run r where r.stream_id = x.chat and r.message_id = x.message) as known,
                   (select count(*) from message m where m.chat_id = x.chat and m.role = 'user') as said,
                   (select count(*) from run r
                     where r.stream_id = x.chat and r.state in ('waiting', 'ready', 'running')) as live
              from unnest(?::uuid[], ?::uuid[], ?::text[]) as x (chat, workspace, message)
              join stream s on s.id = x.chat and s.workspace_id = x.workspace
            """;

    private static final String QUESTIONS =
            """
            with x as (
                select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::text[], ?::text[])
                    as x (chat, workspace, id, ordinal, parts, title)
            ), c as (
                update chat set last_message_at = now(), title = coalesce(chat.title, x.title)
                  from x where chat.id = x.chat and chat.workspace_id = x.workspace
            )
            insert into message (chat_id, workspace_id, id, ordinal, role, parts)
            select x.chat, x.workspace, x.id, x.ordinal, 'user', x.parts::jsonb from x
            """;

    private final ChatStore chats;

    PostStore(ChatStore chats) {
        this.chats = chats;
    }

    /// Locks the streams of those chats that are their visitors' own and that nobody holds. Sent
    /// with the next statement.
    ///
    /// @param locked is told of them
    void lockOwn(Tx tx, List<PostGroup.Post> posts, Consumer<UUID> locked) {
        tx.later(
                LOCK_OWN,
                row -> Tx.uuid(row, "id"),
                own -> own.forEach(locked),
                posts.stream().map(PostGroup.Post::chatId).toArray(UUID[]::new),
                posts.stream().map(p -> p.visitor().workspaceId()).toArray(UUID[]::new),
                posts.stream().map(p -> p.visitor().sessionId()).toArray(UUID[]::new));
    }

    /// What decides whether the chats take these messages. Holds for those whose streams' locks an
    /// earlier statement took.
    List<Room> rooms(Tx tx, List<PostGroup.Post> posts) throws SQLException {
        return tx.list(
                ROOMS,
                row ->
                        new Room(
                                Tx.uuid(row, "chat"),
                                row.getLong("last_seq"),
                                Tx.instant(row, "now"),
                                row.getBoolean("known"),
                                row.getInt("said"),
                                row.getInt("live")),
                posts.stream().map(PostGroup.Post::chatId).toArray(UUID[]::new),
                posts.stream().map(p -> p.visitor().workspaceId()).toArray(UUID[]::new),
                posts.stream().map(PostGroup.Post::id).toArray(String[]::new));
    }

    /// Stores the messages, one per chat, and when their chats were last written to.
    ///
    /// @param runs by chat
    void questions(Tx tx, List<PostGroup.Post> posts, Map<UUID, Run> runs) {
        tx.later(
                QUESTIONS,
                posts.stream().map(PostGroup.Post::chatId).toArray(UUID[]::new),
                posts.stream().map(p -> p.visitor().workspaceId()).toArray(UUID[]::new),
                posts.stream().map(PostGroup.Post::id).toArray(String[]::new),
                posts.stream()
                        .map(p -> 2 * requireNonNull(runs.get(p.chatId())).ordinal())
                        .toArray(Long[]::new),
                posts.stream().map(p -> chats.json(p.parts())).toArray(String[]::new),
                posts.stream().map(PostGroup.Post::title).toArray(String[]::new));
    }

    /// @param known the message's id was used before
    /// @param said visitor's messages
    /// @param live turns that have not ended
    record Room(UUID chatId, long lastSeq, Instant now, boolean known, int said, int live) {}
}
