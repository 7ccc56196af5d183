package dev.tendril.service.chat;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Tx;
import dev.tendril.service.run.EndedRun;
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
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// SQL of chats and messages.
@Singleton
final class ChatStore {

    private static final Argument<List<Part>> PARTS = Argument.listOf(Part.class);
    private static final Argument<Metadata> METADATA = Argument.of(Metadata.class);

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

    private static final String STORE_ANSWERS =
            """
            with x as (
                select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[])
                    as x (chat, workspace, id, ordinal, parts, metadata, answers)
            ), c as (
                update chat set last_message_at = now()
                  from x where chat.id = x.chat and chat.workspace_id = x.workspace
            )
            insert into message (chat_id, workspace_id, id, ordinal, role, parts, metadata, answers)
            select x.chat, x.workspace, x.id, x.ordinal, 'assistant', x.parts::jsonb, x.metadata::jsonb, x.answers
              from x
            """;

    private static final String TOUCH =
            """
            update chat set last_message_at = now(), title = coalesce(title, ?)
             where id = ? and workspace_id = ?
            """;

    private static final String PAGE =
            """
            select id, role, parts, metadata, created_at, ordinal from message
             where chat_id = ? and workspace_id = ? and ordinal < ? and replaced_at is null
             order by ordinal desc limit ?
            """;

    private static final String BEFORE_TURNS =
            """
            select x.run, latest.*
              from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::text[]) as x (run, chat, workspace, question)
             cross join lateral (
                select m.id, m.role, m.parts, m.metadata, m.created_at, m.ordinal from message m
                 where m.chat_id = x.chat and m.workspace_id = x.workspace
                   and m.ordinal <= (select q.ordinal from message q where q.chat_id = x.chat and q.id = x.question)
                   and (m.role = 'user' or m.parts <> '[]')
                   and m.replaced_at is null
                   and not exists (select from message later
                                    where later.chat_id = m.chat_id and later.answers = m.answers
                                      and later.ordinal > m.ordinal)
                 order by m.ordinal desc limit ?) latest
            order by x.run, latest.ordinal
            """;

    private static final String CONSENTS =
            """
            select version, at from visitor_consent where session_id = ? and workspace_id = ? order by at
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

    /// Stores answers, one per chat.
    void answers(Tx tx, List<EndedRun> ended) {
        List<Run> runs = ended.stream().map(EndedRun::run).toList();
        tx.later(
                STORE_ANSWERS,
                runs.stream().map(Run::streamId).toArray(UUID[]::new),
                runs.stream().map(Run::workspaceId).toArray(UUID[]::new),
                runs.stream().map(Run::answerId).toArray(String[]::new),
                runs.stream().map(run -> 2 * run.ordinal() + 1).toArray(Long[]::new),
                ended.stream().map(one -> json(PARTS, one.parts())).toArray(String[]::new),
                ended.stream().map(one -> json(METADATA, one.metadata())).toArray(String[]::new),
                runs.stream().map(Run::messageId).toArray(String[]::new));
    }

    /// What the visitor agreed to.
    List<Transcript.Agreed> consents(Tx tx, Visitor visitor) throws SQLException {
        return tx.list(
                CONSENTS,
                row -> new Transcript.Agreed(row.getInt("version"), Tx.instant(row, "at")),
                visitor.sessionId(),
                visitor.workspaceId());
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

    /// The latest messages up to each run's, oldest first; of several answers to one message only
    /// the last, and no answer that says nothing.
    void beforeTurns(Tx tx, List<Run> runs, int most, BiConsumer<Run, List<ChatMessage>> then) {
        tx.later(
                BEFORE_TURNS,
                row -> new Told(row.getLong("run"), message(row).message()),
                rows -> {
                    Map<Long, List<ChatMessage>> told =
                            rows.stream()
                                    .collect(
                                            groupingBy(
                                                    Told::run, mapping(Told::message, toList())));
                    runs.forEach(run -> then.accept(run, told.getOrDefault(run.id(), List.of())));
                },
                runs.stream().map(Run::id).toArray(Long[]::new),
                runs.stream().map(Run::streamId).toArray(UUID[]::new),
                runs.stream().map(Run::workspaceId).toArray(UUID[]::new),
                runs.stream().map(Run::messageId).toArray(String[]::new),
                most);
    }

    private StoredMessage message(ResultSet row) throws SQLException {
        try {
            String stored = row.getString("metadata");
            Metadata told = stored == null ? Metadata.at(null) : json.readValue(stored, METADATA);
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

    /// Parts as they are stored.
    String json(List<Part> parts) {
        return json(PARTS, parts);
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

    record ListedChat(ChatRow chat, long lastSeq) {}

    private record Told(long run, ChatMessage message) {}

    record StoredMessage(ChatMessage message, long ordinal) {}
}
