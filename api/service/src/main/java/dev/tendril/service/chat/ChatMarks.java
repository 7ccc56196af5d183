package dev.tendril.service.chat;

import dev.tendril.contract.chat.Feedback;
import dev.tendril.contract.chat.Marks;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.EventLog;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a visitor says about a chat of theirs, and its end.
@Singleton
final class ChatMarks {

    private static final int WORDS = 2_000;
    private static final Set<String> VERDICTS = Set.of("up", "down");

    private final Transactions transactions;
    private final Chats chats;
    private final ChatStore store;
    private final MarkStore marks;
    private final EventLog log;

    ChatMarks(
            Transactions transactions,
            Chats chats,
            ChatStore store,
            MarkStore marks,
            EventLog log) {
        this.transactions = transactions;
        this.chats = chats;
        this.store = store;
        this.marks = marks;
        this.log = log;
    }

    /// Stores one verdict on an answer; a later one replaces it.
    void judge(Visitor visitor, UUID chatId, Feedback feedback) {
        String verdict = feedback.verdict();
        if (verdict != null && !VERDICTS.contains(verdict)) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "verdict is up, down or null.");
        }
        String words = feedback.words();
        if (words != null) {
            if (words.codePointCount(0, words.length()) > WORDS) {
                throw new ProblemException(
                        ErrorCode.TOO_LARGE, "Feedback has at most 2,000 characters.");
            }
            if (!MessageText.storable(words)) {
                throw ProblemException.of(ErrorCode.INVALID_TEXT);
            }
        }
        chats.checkOwn(visitor, chatId);
        UUID workspaceId = visitor.workspaceId();
        transactions.write(tx -> {
            String role = store.role(tx, workspaceId, chatId, feedback.messageId());
            if (!"assistant".equals(role)) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            marks.judge(tx, workspaceId, chatId, feedback);
            return null;
        });
    }

    /// Pins a message; null unpins.
    void pin(Visitor visitor, UUID chatId, @Nullable String messageId) {
        chats.checkOwn(visitor, chatId);
        UUID workspaceId = visitor.workspaceId();
        transactions.write(tx -> {
            if (messageId != null && store.role(tx, workspaceId, chatId, messageId) == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            marks.pin(tx, workspaceId, chatId, messageId);
            return null;
        });
    }

    /// All marks of a chat.
    Marks marks(Visitor visitor, UUID chatId) {
        chats.checkOwn(visitor, chatId);
        return transactions.read(tx -> marks.marks(tx, visitor.workspaceId(), chatId));
    }

    /// Deletes a chat for good: messages, frames, runs and marks. A turn in flight is stopped; its
    /// worker's late writes find no lease.
    void delete(Visitor visitor, UUID chatId) {
        UUID workspaceId = visitor.workspaceId();
        chats.stop(visitor, chatId);
        transactions.write(tx -> {
            if (log.lock(tx, workspaceId, chatId) == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            marks.delete(tx, workspaceId, chatId);
            return null;
        });
    }
}
