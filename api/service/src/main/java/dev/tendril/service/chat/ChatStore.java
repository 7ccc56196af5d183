package dev.tendril.service.chat;

import static java.util.Objects.requireNonNull;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Tx;
import dev.tendril.service.run.Run;
import dev.tendril.service.stream.FrameCodec;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of chats and messages.
@Singleton
final class ChatStore {

    private static final Argument<List<Part>> PARTS = Argument.listOf(Part.class);

    private static final String CREATE =
            """
            insert into chat (id, workspace_id, session_id) values (?, ?, ?)
            returning id, created_at, title
            """;

    private static final String COUNT =
            """
            select count(*) as n from chat where workspace_id = ? and session_id = ?
            """;

    private static final String FIND =
            """
            select id, created_at, title from chat
             where id = ? and workspace_id = ? and session_id = ?
            """;

    private static final String LIST =
            """
            select c.id, c.created_at, c.title, s.last_seq
              from chat c join stream s on s.id = c.id
             where c.workspace_id = ? and c.session_id = ?
             order by c.last_message_at desc, c.id desc limit 50
            """;

    private static final String COUNT_VISITORS =
            """
            select count(*) as n from message where chat_id = ? and workspace_id = ? and role = 'user'
            """;

    private static final String NOW = "select now() as now";

    private static final String ROLE =
            """
            select role from message where chat_id = ? and workspace_id = ? and id = ?
            """;

    private static final String INSERT =
            """
            insert into message (chat_id, workspace_id, id, ordinal, role, parts, metadata, answers)
            values (?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?)
            """;

    private static final String ANSWER =
            """
            with c as (
                update chat set last_message_at = now() where id = ? and workspace_id = ?
            )
            insert into message (chat_id, workspace_id, id, ordinal, role, parts, metadata, answers)
            values (?, ?, ?, ?, 'assistant', ?::jsonb, ?::jsonb, ?)
            """;

    private static final String TOUCH =
            """
            update chat set last_message_at = now(), title = coalesce(title, ?)
             where id = ? and workspace_id = ?
            """;

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

    private static final String PAGE =
            """
            select id, role, parts, metadata, created_at, ordinal from message
             where chat_id = ? and workspace_id = ? and ordinal < ? and replaced_at is null
             order by ordinal desc limit ?
            """;

    private static final String BEFORE_TURN =
            """
            select * from (
                select m.id, m.role, m.parts, m.metadata, m.created_at, m.ordinal from message m
                 where m.chat_id = ? and m.workspace_id = ?
                   and m.ordinal <= (select q.ordinal from message q where q.chat_id = m.chat_id and q.id = ?)
                   and (m.role = 'user' or m.parts <> '[]')
                   and m.replaced_at is null
                   and not exists (select from message later
                                    where later.chat_id = m.chat_id and later.answers = m.answers
                                      and later.ordinal > m.ordinal)
                 order by m.ordinal desc limit ?) latest
            order by ordinal
            """;

    private static final String LAST_QUESTION =
            """
            select id from message
             where chat_id = ? and workspace_id = ? and role = 'user' and replaced_at is null
             order by ordinal desc limit 1
            """;

    private static final String REPLACE =
            """
            update message set replaced_at = now()
             where chat_id = ? and workspace_id = ? and (id = ? or answers = ?)
            """;

    private static final String ANSWERS =
            """
            select count(*) as n from message where chat_id = ? and workspace_id = ? and answers = ?
            """;

    private final ObjectMapper json;

    ChatStore(ObjectMapper json) {
        this.json = json;
    }

    ChatRow create(Tx tx, UUID id, Visitor visitor) throws SQLException {
        ChatRow chat =
                tx.first(CREATE, ChatStore::chat, id, visitor.workspaceId(), visitor.sessionId());
        if (chat == null) {
            throw new IllegalStateException("insert returned no row");
        }
        return chat;
    }

    int chats(Tx tx, Visitor visitor) throws SQLException {
        Integer count =
                tx.first(COUNT, row -> row.getInt("n"), visitor.workspaceId(), visitor.sessionId());
        return count == null ? 0 : count;
    }

    /// The visitor's own chat; null also when it is somebody else's.
    @Nullable ChatRow find(Tx tx, Visitor visitor, UUID id) throws SQLException {
        return tx.first(FIND, ChatStore::chat, id, visitor.workspaceId(), visitor.sessionId());
    }

    List<ListedChat> list(Tx tx, Visitor visitor) throws SQLException {
        return tx.list(
                LIST,
                row -> new ListedChat(chat(row), row.getLong("last_seq")),
                visitor.workspaceId(),
                visitor.sessionId());
    }

    int visitorMessages(Tx tx, UUID workspaceId, UUID chatId) throws SQLException {
        Integer count = tx.first(COUNT_VISITORS, row -> row.getInt("n"), chatId, workspaceId);
        return count == null ? 0 : count;
    }

    /// The transaction's time.
    Instant now(Tx tx) throws SQLException {
        Instant now = tx.first(NOW, row -> Tx.instant(row, "now"));
        if (now == null) {
            throw new IllegalStateException("no time");
        }
        return now;
    }

    @Nullable String role(Tx tx, UUID workspaceId, UUID chatId, String messageId)
            throws SQLException {
        return tx.first(ROLE, row -> row.getString("role"), chatId, workspaceId, messageId);
    }

    /// Locks the streams of those chats that are their visitors' own and that nobody holds.
    Set<UUID> lockOwn(Tx tx, List<PostGroup.Post> posts) throws SQLException {
        return Set.copyOf(
                tx.list(
                        LOCK_OWN,
                        row -> Tx.uuid(row, "id"),
                        posts.stream().map(PostGroup.Post::chatId).toArray(UUID[]::new),
                        posts.stream().map(p -> p.visitor().workspaceId()).toArray(UUID[]::new),
                        posts.stream().map(p -> p.visitor().sessionId()).toArray(UUID[]::new)));
    }

    /// What decides whether the chats take these messages. The caller holds the streams' locks,
    /// taken by an earlier statement.
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
    void questions(Tx tx, List<PostGroup.Post> posts, Map<UUID, Run> runs) throws SQLException {
        tx.update(
                QUESTIONS,
                posts.stream().map(PostGroup.Post::chatId).toArray(UUID[]::new),
                posts.stream().map(p -> p.visitor().workspaceId()).toArray(UUID[]::new),
                posts.stream().map(PostGroup.Post::id).toArray(String[]::new),
                posts.stream()
                        .map(p -> 2 * requireNonNull(runs.get(p.chatId())).ordinal())
                        .toArray(Long[]::new),
                posts.stream().map(p -> json(PARTS, p.parts())).toArray(String[]::new),
                posts.stream().map(PostGroup.Post::title).toArray(String[]::new));
    }

    void question(Tx tx, Run run, List<Part> parts) throws SQLException {
        tx.update(
                INSERT,
                run.streamId(),
                run.workspaceId(),
                run.messageId(),
                2 * run.ordinal(),
                "user",
                json(PARTS, parts),
                null,
                null);
    }

    void answer(Tx tx, Run run, List<Part> parts, Metadata metadata) throws SQLException {
        tx.update(
                ANSWER,
                run.streamId(),
                run.workspaceId(),
                run.streamId(),
                run.workspaceId(),
                run.answerId(),
                2 * run.ordinal() + 1,
                json(PARTS, parts),
                json(Argument.of(Metadata.class), metadata),
                run.messageId());
    }

    /// The visitor's latest message; null in an empty chat.
    @Nullable String lastQuestion(Tx tx, UUID workspaceId, UUID chatId) throws SQLException {
        return tx.first(LAST_QUESTION, row -> row.getString("id"), chatId, workspaceId);
    }

    /// How many answers a message has.
    int answers(Tx tx, UUID workspaceId, UUID chatId, String messageId) throws SQLException {
        Integer count = tx.first(ANSWERS, row -> row.getInt("n"), chatId, workspaceId, messageId);
        return count == null ? 0 : count;
    }

    /// Takes a question and its answers out of the history.
    void replace(Tx tx, UUID workspaceId, UUID chatId, String messageId) throws SQLException {
        tx.update(REPLACE, chatId, workspaceId, messageId, messageId);
    }

    void touch(Tx tx, UUID workspaceId, UUID chatId, @Nullable String title) throws SQLException {
        tx.update(TOUCH, title, chatId, workspaceId);
    }

    /// Messages before `ordinal`, the latest first.
    List<StoredMessage> page(Tx tx, UUID workspaceId, UUID chatId, long ordinal, int most)
            throws SQLException {
        return tx.list(PAGE, this::message, chatId, workspaceId, ordinal, most);
    }

    /// The latest messages up to the run's, oldest first; of several answers to one message only
    /// the last, and no answer that says nothing.
    List<StoredMessage> beforeTurn(Tx tx, Run run, int most) throws SQLException {
        return tx.list(
                BEFORE_TURN,
                this::message,
                run.streamId(),
                run.workspaceId(),
                run.messageId(),
                most);
    }

    private StoredMessage message(ResultSet row) throws SQLException {
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
                            told.usage(),
                            told.failure());
            var message =
                    new ChatMessage(
                            row.getString("id"),
                            row.getString("role"),
                            json.readValue(row.getString("parts"), PARTS),
                            metadata);
            return new StoredMessage(message, row.getLong("ordinal"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> String json(Argument<T> type, T value) {
        try {
            return FrameCodec.storable(json.writeValueAsString(type, value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ChatRow chat(ResultSet row) throws SQLException {
        return new ChatRow(
                Tx.uuid(row, "id"), Tx.instant(row, "created_at"), row.getString("title"));
    }

    record ChatRow(UUID id, Instant createdAt, @Nullable String title) {}

    /// @param known the message's id was used before
    /// @param said visitor's messages
    /// @param live turns that have not ended
    record Room(UUID chatId, long lastSeq, Instant now, boolean known, int said, int live) {}

    record ListedChat(ChatRow chat, long lastSeq) {}

    record StoredMessage(ChatMessage message, long ordinal) {}
}
