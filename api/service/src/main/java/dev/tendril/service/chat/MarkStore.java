package dev.tendril.service.chat;

import dev.tendril.contract.chat.Feedback;
import dev.tendril.contract.chat.Marks;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of what visitors mark, and of the end of a chat.
@Singleton
final class MarkStore {

    private static final String JUDGE =
            """
            insert into feedback (chat_id, message_id, workspace_id, verdict, words)
            values (?, ?, ?, ?, ?)
            on conflict (chat_id, message_id)
            do update set verdict = excluded.verdict, words = excluded.words, at = now()
            """;

    private static final String TAKE_BACK =
            """
            delete from feedback where chat_id = ? and message_id = ? and workspace_id = ?
            """;

    private static final String FEEDBACK =
            """
            select message_id, verdict, words from feedback
             where chat_id = ? and workspace_id = ? order by at
            """;

    private static final String PIN =
            """
            update chat set pinned = ? where id = ? and workspace_id = ?
            """;

    private static final String PINNED =
            """
            select pinned from chat where id = ? and workspace_id = ?
            """;

    private static final String DELETE_EVENTS =
            """
            delete from event where stream_id = ? and workspace_id = ?
            """;

    /// Checkpoints go with their runs.
    private static final String DELETE_RUNS =
            """
            delete from run where stream_id = ? and workspace_id = ?
            """;

    /// Messages and feedback go with their chat.
    private static final String DELETE_CHAT =
            """
            delete from chat where id = ? and workspace_id = ?
            """;

    private static final String DELETE_STREAM =
            """
            delete from stream where id = ? and workspace_id = ?
            """;

    void judge(Tx tx, UUID workspaceId, UUID chatId, Feedback feedback) throws SQLException {
        if (feedback.verdict() == null) {
            tx.update(TAKE_BACK, chatId, feedback.messageId(), workspaceId);
        } else {
            tx.update(
                    JUDGE,
                    chatId,
                    feedback.messageId(),
                    workspaceId,
                    feedback.verdict(),
                    feedback.words());
        }
    }

    void pin(Tx tx, UUID workspaceId, UUID chatId, @Nullable String messageId) throws SQLException {
        tx.update(PIN, messageId, chatId, workspaceId);
    }

    Marks marks(Tx tx, UUID workspaceId, UUID chatId) throws SQLException {
        List<Feedback> feedback =
                tx.list(
                        FEEDBACK,
                        row ->
                                new Feedback(
                                        row.getString("message_id"),
                                        row.getString("verdict"),
                                        row.getString("words")),
                        chatId,
                        workspaceId);
        String pinned =
                tx.list(PINNED, row -> row.getString("pinned"), chatId, workspaceId).stream()
                        .filter(id -> id != null)
                        .findFirst()
                        .orElse(null);
        return new Marks(pinned, feedback);
    }

    /// Deletes the chat with all that belongs to it. The caller holds the stream's lock.
    void delete(Tx tx, UUID workspaceId, UUID chatId) throws SQLException {
        tx.update(DELETE_EVENTS, chatId, workspaceId);
        tx.update(DELETE_RUNS, chatId, workspaceId);
        tx.update(DELETE_CHAT, chatId, workspaceId);
        tx.update(DELETE_STREAM, chatId, workspaceId);
    }
}
