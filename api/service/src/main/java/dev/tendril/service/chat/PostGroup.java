package dev.tendril.service.chat;

import static java.util.Objects.requireNonNull;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.RunStatus;
import dev.tendril.contract.frame.Frame;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.run.NewRun;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.Cursor;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.NewMessage;
import io.micronaut.data.exceptions.DataAccessException;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Stores messages of different chats together, in six statements whatever their number: a commit
/// costs a flush of the disk, and a statement a way there and back.
///
/// While a group or two are under way the next one gathers; a message that comes alone goes at
/// once. No statement waits for a lock. A message that is not plainly to be accepted is left out,
/// and its caller judges it alone: its chat is held by somebody else, it was sent before, the chat
/// is full.
@Singleton
final class PostGroup {

    private static final int GROUP = 64;
    private static final int GROUPS_AT_ONCE = 2;
    private static final int WAITING = 2_000;
    private static final long ANSWER_SECONDS = 10;

    private final Transactions transactions;
    private final ChatStore store;
    private final Turns turns;
    private final EventLog log;
    private final Deque<Post> waiting = new ArrayDeque<>();
    private int busy;

    PostGroup(Transactions transactions, ChatStore store, Turns turns, EventLog log) {
        this.transactions = transactions;
        this.store = store;
        this.turns = turns;
        this.log = log;
    }

    /// Stores a message and queues its turn.
    ///
    /// @return null when it was left out: nothing is stored, unless no answer came in time; judging
    ///   it alone is safe then too, since it is known by its id
    @Nullable Accepted post(
            Visitor visitor, UUID chatId, String id, List<Part> parts, String title) {
        Post post = new Post(visitor, chatId, id, parts, title);
        if (!enter(post)) {
            return null;
        }
        try {
            return post.answer.get(ANSWER_SECONDS, TimeUnit.SECONDS).accepted();
        } catch (TimeoutException _) {
            forget(post);
            return null;
        } catch (InterruptedException _) {
            forget(post);
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private synchronized boolean enter(Post post) {
        if (waiting.size() >= WAITING) {
            return false;
        }
        waiting.add(post);
        if (busy < GROUPS_AT_ONCE) {
            busy++;
            Thread.ofVirtual().name("post-group").start(this::storeAll);
        }
        return true;
    }

    private synchronized void forget(Post post) {
        waiting.remove(post);
    }

    private void storeAll() {
        for (List<Post> group = next(); !group.isEmpty(); group = next()) {
            answer(group);
        }
    }

    /// The oldest messages, at most one per chat.
    private synchronized List<Post> next() {
        List<Post> group = new ArrayList<>();
        Set<UUID> chats = new HashSet<>();
        var posts = waiting.iterator();
        while (posts.hasNext() && group.size() < GROUP) {
            Post post = posts.next();
            if (chats.add(post.chatId)) {
                posts.remove();
                group.add(post);
            }
        }
        if (group.isEmpty()) {
            busy--;
        }
        return group;
    }

    private void answer(List<Post> group) {
        try {
            Map<UUID, Accepted> accepted = transactions.write(tx -> store(tx, group));
            group.forEach(post -> post.answer.complete(new Outcome(accepted.get(post.chatId))));
        } catch (DataAccessException e) {
            if (ofOneMessage(e)) {
                group.forEach(post -> post.answer.complete(new Outcome(null)));
            } else {
                group.forEach(post -> post.answer.completeExceptionally(e));
            }
        } catch (RuntimeException | Error e) {
            group.forEach(post -> post.answer.completeExceptionally(e));
        }
    }

    /// Whether what one of the messages carries may be the cause: data (22) or a constraint (23).
    /// Nothing of the group is stored then, and each is judged alone.
    private static boolean ofOneMessage(DataAccessException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }

    private Map<UUID, Accepted> store(Tx tx, List<Post> group) throws SQLException {
        Set<UUID> locked = store.lockOwn(tx, group);
        Map<UUID, ChatStore.Room> rooms = new HashMap<>();
        List<Post> present = group.stream().filter(post -> locked.contains(post.chatId)).toList();
        if (!present.isEmpty()) {
            store.rooms(tx, present).forEach(room -> rooms.put(room.chatId(), room));
        }
        List<Post> fit = new ArrayList<>();
        for (Post post : present) {
            ChatStore.Room room = rooms.get(post.chatId);
            if (room != null && !room.known() && Chats.hasRoom(room.said(), room.live())) {
                fit.add(post);
            }
        }
        if (fit.isEmpty()) {
            return Map.of();
        }
        List<NewRun> newRuns = new ArrayList<>();
        for (Post post : fit) {
            newRuns.add(
                    new NewRun(
                            post.visitor.workspaceId(),
                            post.chatId,
                            ChatRuns.NAME,
                            ChatRuns.POOL,
                            post.id,
                            requireNonNull(rooms.get(post.chatId)).lastSeq() + 1));
        }
        Map<UUID, Run> runs = new HashMap<>();
        turns.enqueue(tx, newRuns).forEach(run -> runs.put(run.streamId(), run));
        List<NewMessage> messages = new ArrayList<>();
        for (Post post : fit) {
            Metadata at = Metadata.at(requireNonNull(rooms.get(post.chatId)).now());
            var message = new ChatMessage(post.id, "user", post.parts, at);
            messages.add(
                    new NewMessage(
                            post.visitor.workspaceId(),
                            post.chatId,
                            requireNonNull(runs.get(post.chatId)).id(),
                            new Frame.RelayMessage(message)));
        }
        log.append(tx, messages);
        store.questions(tx, fit, runs);
        String epoch = log.epoch(tx);
        Map<UUID, RunStatus> statuses = turns.statuses(tx, runs.values());
        Map<UUID, Accepted> accepted = new HashMap<>();
        for (Post post : fit) {
            Run run = requireNonNull(runs.get(post.chatId));
            accepted.put(
                    post.chatId,
                    new Accepted(
                            run.messageId(),
                            run.answerId(),
                            new Cursor(epoch, run.acceptedSeq()).toString(),
                            false,
                            requireNonNull(statuses.get(post.chatId))));
        }
        return accepted;
    }

    private record Outcome(@Nullable Accepted accepted) {}

    /// A message on its way.
    static final class Post {
        private final Visitor visitor;
        private final UUID chatId;
        private final String id;
        private final List<Part> parts;
        private final String title;
        private final CompletableFuture<Outcome> answer = new CompletableFuture<>();

        Post(Visitor visitor, UUID chatId, String id, List<Part> parts, String title) {
            this.visitor = visitor;
            this.chatId = chatId;
            this.id = id;
            this.parts = parts;
            this.title = title;
        }

        Visitor visitor() {
            return visitor;
        }

        UUID chatId() {
            return chatId;
        }

        String id() {
            return id;
        }

        List<Part> parts() {
            return parts;
        }

        String title() {
            return title;
        }
    }
}
