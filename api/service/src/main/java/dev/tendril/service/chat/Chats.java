package dev.tendril.service.chat;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.ChatList;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.chat.Presence;
import dev.tendril.contract.chat.RunStatus;
import dev.tendril.contract.chat.Stopped;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.attachment.Attachments;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.NewRun;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.Cursor;
import dev.tendril.service.stream.EventKind;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.Origin;
import dev.tendril.service.worker.PresenceStore;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A visitor's chats. An unknown chat and somebody else's are the same `not_found`.
@Singleton
public final class Chats {

    private static final int CHATS = 100;
    private static final int VISITOR_MESSAGES = 60;
    private static final int LIVE_TURNS = 4;
    private static final int TITLE_CHARACTERS = 60;
    private static final int PAGE = 100;
    private static final int ANSWERS = 10;
    private static final int TRANSCRIPT_MESSAGES = 1_000;

    private final Transactions transactions;
    private final ChatStore store;
    private final Turns turns;
    private final EventLog log;
    private final PresenceStore presence;
    private final PostGroup group;
    private final Attachments attachments;

    Chats(
            Transactions transactions,
            ChatStore store,
            Turns turns,
            EventLog log,
            PresenceStore presence,
            PostGroup group,
            Attachments attachments) {
        this.transactions = transactions;
        this.store = store;
        this.turns = turns;
        this.log = log;
        this.presence = presence;
        this.group = group;
        this.attachments = attachments;
    }

    /// Opens an empty chat; a session has about 100 at most.
    Chat create(Visitor visitor) {
        Presence worker = presence.presence(visitor.workspaceId());
        return transactions.write(tx -> {
            checkRoom(tx, visitor);
            UUID id = log.create(tx, visitor.workspaceId(), ChatRuns.NAME);
            var chat = store.create(tx, id, visitor);
            return chat(tx, visitor, chat, 0, log.epoch(tx), worker);
        });
    }

    /// Refuses one more chat when the session has enough.
    void checkRoom(Tx tx, Visitor visitor) throws SQLException {
        if (store.chats(tx, visitor) >= CHATS) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "Delete a chat before you open another.");
        }
    }

    /// The visitor's chats, the latest first.
    ChatList list(Visitor visitor) {
        Presence worker = presence.presence(visitor.workspaceId());
        return transactions.read(tx -> {
            String epoch = log.epoch(tx);
            List<Chat> chats = new ArrayList<>();
            for (var listed : store.list(tx, visitor)) {
                chats.add(chat(tx, visitor, listed.chat(), listed.lastSeq(), epoch, worker));
            }
            return new ChatList(chats);
        });
    }

    /// One chat.
    Chat get(Visitor visitor, UUID chatId) {
        Presence worker = presence.presence(visitor.workspaceId());
        return transactions.read(tx -> {
            var chat = own(tx, visitor, chatId);
            var state = log.state(visitor.workspaceId(), chatId);
            if (state == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            return chat(tx, visitor, chat, state.lastSeq(), state.epoch(), worker);
        });
    }

    /// A chat's id as it stands in a path. What cannot be one is as unknown as any other.
    public static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException _) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }

    /// Refuses a chat that is not the visitor's.
    public void checkOwn(Visitor visitor, UUID chatId) {
        transactions.read(tx -> own(tx, visitor, chatId));
    }

    /// Stores a message and queues its turn, once per message id.
    Accepted post(Visitor visitor, UUID chatId, PostMessage message) {
        List<Part> parts = MessageText.check(message);
        Accepted grouped =
                message.replaces() == null && !MessageText.hasImages(parts)
                        ? group.post(visitor, chatId, message.id(), parts, title(parts))
                        : null;
        return grouped != null ? grouped : postAlone(visitor, chatId, message, parts);
    }

    /// Whether a chat takes one more message.
    static boolean hasRoom(int said, int live) {
        return said < VISITOR_MESSAGES && live < LIVE_TURNS;
    }

    private Accepted postAlone(Visitor visitor, UUID chatId, PostMessage message, List<Part> sent) {
        UUID workspaceId = visitor.workspaceId();
        return transactions.write(tx -> {
            own(tx, visitor, chatId);
            Long lastSeq = log.lock(tx, workspaceId, chatId);
            if (lastSeq == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            Run present = turns.ofMessage(tx, workspaceId, chatId, message.id());
            if (present != null) {
                return accepted(tx, present, true);
            }
            if (store.role(tx, workspaceId, chatId, message.id()) != null) {
                throw new ProblemException(ErrorCode.INVALID_REQUEST, "An answer has this id.");
            }
            if (store.visitorMessages(tx, workspaceId, chatId) >= VISITOR_MESSAGES) {
                throw new ProblemException(ErrorCode.CHAT_FULL, "Open a new chat to go on.");
            }
            if (turns.live(tx, workspaceId, chatId).size() >= LIVE_TURNS) {
                throw new ProblemException(
                        ErrorCode.CHAT_FULL, "Wait for an answer, then send again.");
            }
            if (message.replaces() != null) {
                replace(tx, workspaceId, chatId, message.replaces());
            }
            List<Part> parts = attachments.bind(tx, visitor, chatId, sent);
            Run run =
                    turns.enqueue(
                            tx,
                            new NewRun(
                                    workspaceId,
                                    chatId,
                                    ChatRuns.NAME,
                                    ChatRuns.POOL,
                                    message.id(),
                                    lastSeq + 1));
            store.question(tx, run, parts);
            var stored = new ChatMessage(message.id(), "user", parts, Metadata.at(store.now(tx)));
            log.append(
                    tx,
                    workspaceId,
                    chatId,
                    EventKind.MESSAGE,
                    new Origin(run.id(), null, null),
                    List.of(new Frame.RelayMessage(stored, message.replaces())));
            String title = title(parts);
            store.touch(tx, workspaceId, chatId, title.isEmpty() ? null : title);
            return accepted(tx, run, false);
        });
    }

    /// Finished messages before `before`, oldest first.
    ///
    /// @param before [MessagePage#next] of a later page; null for the latest
    /// @param limit 1 to 100
    MessagePage messages(Visitor visitor, UUID chatId, @Nullable String before, int limit) {
        if (limit < 1 || limit > PAGE) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "limit is 1 to 100.");
        }
        if (before != null && !before.matches("[0-9]{1,18}")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "before is the next of another page.");
        }
        long ordinal = before == null ? Long.MAX_VALUE : Long.parseLong(before);
        return transactions.read(tx -> {
            own(tx, visitor, chatId);
            var found = store.page(tx, visitor.workspaceId(), chatId, ordinal, limit + 1);
            List<ChatMessage> page =
                    found.stream()
                            .limit(limit)
                            .map(ChatStore.StoredMessage::message)
                            .collect(Collectors.toList());
            Collections.reverse(page);
            String next =
                    found.size() > limit ? Long.toString(found.get(limit - 1).ordinal()) : null;
            return new MessagePage(page, next);
        });
    }

    /// Ends the running turn and those behind it.
    Stopped stop(Visitor visitor, UUID chatId) {
        checkOwn(visitor, chatId);
        return new Stopped(turns.stop(visitor.workspaceId(), chatId));
    }

    /// Queues the last turn again.
    Accepted retry(Visitor visitor, UUID chatId) {
        return transactions.write(tx -> {
            own(tx, visitor, chatId);
            return accepted(tx, turns.retry(tx, visitor.workspaceId(), chatId), false);
        });
    }

    /// Queues the last turn once more although it was answered. The answer of before stays where it
    /// is, the model does not see it.
    Accepted regenerate(Visitor visitor, UUID chatId) {
        UUID workspaceId = visitor.workspaceId();
        return transactions.write(tx -> {
            own(tx, visitor, chatId);
            Long lastSeq = log.lock(tx, workspaceId, chatId);
            if (lastSeq == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            String question = store.lastQuestion(tx, workspaceId, chatId);
            int answers = question == null ? 0 : store.answers(tx, workspaceId, chatId, question);
            if (question == null
                    || answers == 0
                    || !turns.live(tx, workspaceId, chatId).isEmpty()) {
                throw new ProblemException(ErrorCode.CONFLICT, "There is no answer to repeat.");
            }
            if (answers >= ANSWERS) {
                throw new ProblemException(
                        ErrorCode.CHAT_FULL, "A message is answered 10 times at most.");
            }
            Run run =
                    turns.enqueue(
                            tx,
                            new NewRun(
                                    workspaceId,
                                    chatId,
                                    ChatRuns.NAME,
                                    ChatRuns.POOL,
                                    question,
                                    lastSeq));
            return accepted(tx, run, false);
        });
    }

    /// The whole chat, to take along.
    Transcript transcript(Visitor visitor, UUID chatId) {
        return transactions.read(tx -> {
            var chat = own(tx, visitor, chatId);
            List<ChatMessage> messages =
                    store
                            .page(
                                    tx,
                                    visitor.workspaceId(),
                                    chatId,
                                    Long.MAX_VALUE,
                                    TRANSCRIPT_MESSAGES)
                            .stream()
                            .map(ChatStore.StoredMessage::message)
                            .toList()
                            .reversed();
            return new Transcript(
                    chat.title(), chat.createdAt(), messages, store.consents(tx, visitor));
        });
    }

    /// Only the last question may be worded anew, and only while nobody works on it.
    private void replace(Tx tx, UUID workspaceId, UUID chatId, String messageId)
            throws SQLException {
        if (!messageId.equals(store.lastQuestion(tx, workspaceId, chatId))
                || !turns.live(tx, workspaceId, chatId).isEmpty()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "Only the last message can be changed, when its turn has ended.");
        }
        store.replace(tx, workspaceId, chatId, messageId);
    }

    private ChatStore.ChatRow own(Tx tx, Visitor visitor, UUID chatId) throws SQLException {
        var chat = store.find(tx, visitor, chatId);
        if (chat == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return chat;
    }

    private Accepted accepted(Tx tx, Run run, boolean duplicate) throws SQLException {
        return new Accepted(
                run.messageId(),
                run.answerId(),
                new Cursor(log.epoch(tx), run.acceptedSeq()).toString(),
                duplicate,
                turns.status(tx, run));
    }

    private Chat chat(
            Tx tx,
            Visitor visitor,
            ChatStore.ChatRow chat,
            long lastSeq,
            String epoch,
            Presence worker)
            throws SQLException {
        Run run = turns.current(tx, visitor.workspaceId(), chat.id());
        RunStatus status = run == null ? null : turns.status(tx, run);
        return new Chat(
                chat.id(),
                chat.createdAt(),
                chat.title(),
                new Cursor(epoch, lastSeq).toString(),
                status,
                worker);
    }

    /// The first words of the first message, on one line.
    private static String title(List<Part> parts) {
        String text =
                parts.stream()
                        .map(part -> part instanceof Part.Text t ? t.text() : "")
                        .collect(Collectors.joining(" "))
                        .strip()
                        .replaceAll("\\s+", " ");
        return text.codePointCount(0, text.length()) <= TITLE_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, TITLE_CHARACTERS - 1)).strip() + "…";
    }
}
