package dev.tendril.service.share;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.share.CreateShare;
import dev.tendril.contract.share.Share;
import dev.tendril.contract.share.ShareList;
import dev.tendril.contract.share.SharedChat;
import dev.tendril.service.attachment.Attachments;
import dev.tendril.service.attachment.StoredImage;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.EventLog;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes, lists, revokes and reads share links.
@Singleton
public final class Shares {

    /// Days after which a link ends when nobody says otherwise, and at the latest.
    private static final int DAYS = 30;

    private static final int LIVE = 20;
    private static final int PER_DAY = 40;

    private final Transactions transactions;
    private final ShareStore store;
    private final EventLog log;
    private final Attachments attachments;
    private final SecureRandom random = new SecureRandom();

    Shares(Transactions transactions, ShareStore store, EventLog log, Attachments attachments) {
        this.transactions = transactions;
        this.store = store;
        this.log = log;
        this.attachments = attachments;
    }

    /// Freezes the visitor's chat at its last seq and makes a link to that. A session has at most
    /// 20 live links and makes at most 40 in 24 h.
    ///
    /// @throws ProblemException `not_found`, also for somebody else's chat; `conflict` when nothing
    ///   was said yet, or there are too many links
    Share create(Visitor visitor, UUID chatId, CreateShare wanted) {
        int days = wanted.days() == null ? DAYS : wanted.days();
        if (days < 1 || days > DAYS) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "days is 1 to 30.");
        }
        boolean attachments = Boolean.TRUE.equals(wanted.attachments());
        UUID workspaceId = visitor.workspaceId();
        return transactions.write(tx -> {
            // Whoever adds to the chat holds this lock: seq and messages are of one moment.
            Long seq = store.own(tx, visitor, chatId) ? log.lock(tx, workspaceId, chatId) : null;
            if (seq == null) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            String[] messages = store.messagesNow(tx, workspaceId, chatId);
            if (messages.length == 0) {
                throw new ProblemException(ErrorCode.CONFLICT, "There is nothing to share yet.");
            }
            ShareStore.Count count = store.count(tx, visitor);
            if (count.live() >= LIVE || count.fresh() >= PER_DAY) {
                throw new ProblemException(
                        ErrorCode.CONFLICT, "You have too many links; revoke one first.");
            }
            ShareToken token = ShareToken.random(random);
            Share share =
                    store.insert(
                            tx,
                            visitor,
                            new ShareStore.Frozen(chatId, seq, messages, attachments, days),
                            token.hash(),
                            "/s/" + token.text());
            store.audit(tx, workspaceId, "visitor", "share_created", share.id());
            return share;
        });
    }

    /// The visitor's links that still open something.
    ShareList list(Visitor visitor) {
        return new ShareList(transactions.read(tx -> store.list(tx, visitor)));
    }

    /// Ends a link of the visitor's at once. One that has ended is not found.
    void revoke(Visitor visitor, UUID id) {
        if (!revoke(visitor.workspaceId(), visitor.sessionId(), id, "visitor")) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }

    /// Ends any link of a workspace.
    ///
    /// @return false if there is none of that id, or it was revoked already
    public boolean revoke(UUID workspaceId, UUID id) {
        return revoke(workspaceId, null, id, "cli");
    }

    /// The links of a workspace, the latest first, those that have ended too until they are pruned.
    public List<ListedShare> all(UUID workspaceId, int most) {
        return transactions.read(tx -> store.all(tx, workspaceId, most));
    }

    /// What the link shows; null for every token that opens nothing.
    @Nullable SharedChat read(ShareToken token) {
        return transactions.read(tx -> {
            ShareStore.Link link = store.find(tx, token.hash());
            if (link == null) {
                return null;
            }
            List<ChatMessage> messages =
                    store.messages(tx, link).stream()
                            .map(message -> shown(message, link.attachments()))
                            .toList();
            return new SharedChat(link.site(), link.createdAt(), link.expiresAt(), messages);
        });
    }

    /// An image that the link shows.
    ///
    /// @throws ProblemException `not_found` also when the link shows the chat without its images
    StoredImage image(ShareToken token, UUID id, boolean small) {
        return transactions.read(tx -> {
            ShareStore.Link link = store.find(tx, token.hash());
            if (link == null || !link.attachments() || !shows(store.messages(tx, link), id)) {
                throw ProblemException.of(ErrorCode.NOT_FOUND);
            }
            return attachments.ofChat(tx, link.workspaceId(), link.chatId(), id, small);
        });
    }

    private static boolean shows(List<ChatMessage> messages, UUID image) {
        return messages.stream()
                .flatMap(message -> message.parts().stream())
                .anyMatch(part ->
                        part instanceof Part.File file && image.equals(Attachments.idOf(file)));
    }

    private boolean revoke(UUID workspaceId, @Nullable UUID sessionId, UUID id, String actor) {
        return transactions.write(tx -> {
            boolean revoked = store.revoke(tx, workspaceId, sessionId, id);
            if (revoked) {
                store.audit(tx, workspaceId, actor, "share_revoked", id);
            }
            return revoked;
        });
    }

    private static ChatMessage shown(ChatMessage message, boolean attachments) {
        List<Part> parts =
                message.parts().stream()
                        .filter(part ->
                                switch (part) {
                                    case Part.Text _, Part.SourceUrl _ -> true;
                                    case Part.File _ -> attachments;
                                    case Part.Reasoning _, Part.Tool _, Part.StepStart _ -> false;
                                })
                        .toList();
        return new ChatMessage(message.id(), message.role(), parts, message.metadata());
    }
}
