package dev.tendril.service.chat;

import static java.util.Objects.requireNonNull;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.RunStatus;
import dev.tendril.contract.frame.Frame;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Gathering;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.NewRun;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.Cursor;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.NewMessage;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Stores messages of different chats together, in seven statements and three ways to the database
/// and back whatever their number.
///
/// No statement waits for a lock. A message that is not plainly to be accepted is left out, and its
/// caller judges it alone: its chat is held by somebody else, it was sent before, the chat is full.
@Singleton
final class PostGroup {

    private final Transactions transactions;
    private final PostStore store;
    private final Turns turns;
    private final EventLog log;
    private final Gathering<Post, Accepted> posts;

    PostGroup(Transactions transactions, PostStore store, Turns turns, EventLog log) {
        this.transactions = transactions;
        this.store = store;
        this.turns = turns;
        this.log = log;
        this.posts =
                new Gathering<>(
                        "posts",
                        Gathering.Limits.of(2, 64, true),
                        _ -> true,
                        Post::chatId,
                        _ -> 1,
                        this::store);
    }

    /// Stores a message and queues its turn.
    ///
    /// @return null when it was left out: nothing is stored
    /// @throws ProblemException `unavailable`, see [Gathering#ask]; sending it again is safe, since
    ///   it is known by its id
    @Nullable Accepted post(
            Visitor visitor, UUID chatId, String id, List<Part> parts, String title) {
        return posts.ask(new Post(visitor, chatId, id, parts, title));
    }

    private Function<Post, @Nullable Accepted> store(List<Post> group) {
        Stored stored = transactions.write(tx -> store(tx, group));
        Map<UUID, RunStatus> statuses = turns.statuses(stored.runs.values(), stored.positions);
        return post -> {
            Run run = stored.runs.get(post.chatId());
            return run == null
                    ? null
                    : new Accepted(
                            run.messageId(),
                            run.answerId(),
                            new Cursor(stored.epoch, run.acceptedSeq()).toString(),
                            false,
                            requireNonNull(statuses.get(post.chatId())));
        };
    }

    private Stored store(Tx tx, List<Post> group) throws SQLException {
        Set<UUID> locked = new HashSet<>();
        tx.fixedPlans();
        store.lockOwn(tx, group, locked::add);
        Map<UUID, PostStore.Room> rooms = new HashMap<>();
        String[] epoch = new String[1];
        log.epoch(tx, word -> epoch[0] = word);
        store.rooms(tx, group).forEach(room -> rooms.put(room.chatId(), room));
        List<Post> fit = new ArrayList<>();
        for (Post post : group) {
            PostStore.Room room = rooms.get(post.chatId());
            if (locked.contains(post.chatId())
                    && room != null
                    && !room.known()
                    && Chats.hasRoom(room.said(), room.live())) {
                fit.add(post);
            }
        }
        Map<Long, Integer> positions = new HashMap<>();
        Map<UUID, Run> runs = new HashMap<>();
        if (!fit.isEmpty()) {
            List<NewRun> newRuns = new ArrayList<>();
            for (Post post : fit) {
                newRuns.add(
                        new NewRun(
                                post.visitor().workspaceId(),
                                post.chatId(),
                                ChatRuns.NAME,
                                ChatRuns.POOL,
                                post.id(),
                                requireNonNull(rooms.get(post.chatId())).lastSeq() + 1));
            }
            turns.enqueue(tx, newRuns).forEach(run -> runs.put(run.streamId(), run));
            List<NewMessage> messages = new ArrayList<>();
            for (Post post : fit) {
                Metadata at = Metadata.at(requireNonNull(rooms.get(post.chatId())).now());
                var message = new ChatMessage(post.id(), "user", post.parts(), at);
                messages.add(
                        new NewMessage(
                                post.visitor().workspaceId(),
                                post.chatId(),
                                requireNonNull(runs.get(post.chatId())).id(),
                                new Frame.RelayMessage(message)));
            }
            log.append(tx, messages);
            store.questions(tx, fit, runs);
            turns.positions(tx, runs.values(), positions::put);
        }
        return new Stored(requireNonNull(epoch[0]), runs, positions);
    }

    /// @param runs by chat
    /// @param positions by run
    private record Stored(String epoch, Map<UUID, Run> runs, Map<Long, Integer> positions) {}

    /// A message on its way.
    record Post(Visitor visitor, UUID chatId, String id, List<Part> parts, String title) {}
}
