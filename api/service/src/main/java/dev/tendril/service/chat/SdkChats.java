package dev.tendril.service.chat;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.chat.SdkPost;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.EventLog;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Chats as the AI SDK's default transport names and fills them: the same chats, messages and turns
/// behind another door. A chat is opened by its first message and found again by the page's own
/// name for it, which means something in the visitor's session alone.
@Singleton
public final class SdkChats {

    private static final Pattern ALIAS = Pattern.compile("[A-Za-z0-9._:-]{1,100}");

    private final Transactions transactions;
    private final Chats chats;
    private final ChatStore store;
    private final AliasStore aliases;
    private final Turns turns;
    private final EventLog log;

    SdkChats(
            Transactions transactions,
            Chats chats,
            ChatStore store,
            AliasStore aliases,
            Turns turns,
            EventLog log) {
        this.transactions = transactions;
        this.chats = chats;
        this.store = store;
        this.aliases = aliases;
        this.turns = turns;
        this.log = log;
    }

    /// Stores the message and queues its turn, once per message id, or queues the last turn again.
    ///
    /// @throws ProblemException `conflict` while another turn is in flight: a response holds one
    ///   answer
    public Turn post(Visitor visitor, SdkPost post) {
        String alias = checked(post.id());
        boolean again = "regenerate-message".equals(post.trigger());
        if (!again && post.trigger() != null && !post.trigger().equals("submit-message")) {
            throw invalid("trigger is submit-message or regenerate-message.");
        }
        PostMessage message = again ? null : question(post);
        UUID chat = again ? find(visitor, alias) : open(visitor, alias);
        if (chat == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        Run inFlight = turns.inFlight(visitor.workspaceId(), chat);
        if (inFlight != null && (message == null || !inFlight.messageId().equals(message.id()))) {
            throw new ProblemException(ErrorCode.CONFLICT, "Wait for the answer, or stop it.");
        }
        Accepted accepted =
                message == null ? anew(visitor, chat) : chats.post(visitor, chat, message);
        return new Turn(chat, accepted.cursor());
    }

    /// The chat that the page calls so; null when the session has none.
    public @Nullable UUID find(Visitor visitor, String alias) {
        String name = checked(alias);
        return transactions.read(tx -> aliases.find(tx, visitor, name));
    }

    private UUID open(Visitor visitor, String alias) {
        return transactions.write(tx -> {
            aliases.lock(tx, visitor, alias);
            UUID known = aliases.find(tx, visitor, alias);
            if (known != null) {
                return known;
            }
            chats.checkRoom(tx, visitor);
            UUID id = log.create(tx, visitor.workspaceId(), ChatRuns.NAME);
            store.create(tx, id, visitor);
            aliases.name(tx, visitor, id, alias);
            return id;
        });
    }

    /// The last turn again, whether it was answered or failed.
    private Accepted anew(Visitor visitor, UUID chat) {
        try {
            return chats.regenerate(visitor, chat);
        } catch (ProblemException e) {
            if (e.code() != ErrorCode.CONFLICT) {
                throw e;
            }
            return chats.retry(visitor, chat);
        }
    }

    private static String checked(String alias) {
        if (!ALIAS.matcher(alias).matches()) {
            throw invalid("id has 1 to 100 of A-Z, a-z, 0-9, dot, colon, _ and -.");
        }
        return alias;
    }

    private static PostMessage question(SdkPost post) {
        Map<String, Object> message = post.message();
        if (message == null && post.messages() != null && !post.messages().isEmpty()) {
            message = post.messages().getLast();
        }
        if (message == null || !"user".equals(message.get("role"))) {
            throw invalid("The last message is the visitor's.");
        }
        List<Part> parts = new ArrayList<>();
        if (message.get("parts") instanceof List<?> given) {
            for (Object one : given) {
                if (!(one instanceof Map<?, ?> part)
                        || !"text".equals(part.get("type"))
                        || !(part.get("text") instanceof String text)) {
                    throw invalid("A message has text parts only.");
                }
                parts.add(new Part.Text(text));
            }
        }
        return new PostMessage(String.valueOf(message.get("id")), parts);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, detail);
    }

    /// @param cursor the stream behind it is the answer
    public record Turn(UUID chatId, String cursor) {}
}
