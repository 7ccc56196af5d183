package dev.tendril.relay.stream;

import dev.tendril.contract.chat.Presence;
import dev.tendril.contract.frame.Frame;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Repeated;
import dev.tendril.service.run.HeadStatus;
import dev.tendril.service.run.RunState;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.Signals;
import dev.tendril.service.stream.StreamHub;
import dev.tendril.service.stream.Topic;
import dev.tendril.service.worker.PresenceStore;
import io.micronaut.context.annotation.Property;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Collectors;

/// All open streams of this process: their pings, and the places and presence that they are told.
///
/// A change of the queue is told within a second, a change of presence within five; within five a
/// stream ends whose session is over.
@Singleton
class Readers implements GracefulShutdownCapable {

    private static final int PRESENCE_TICKS = 5;

    private final Map<UUID, Set<Reader>> readers = new ConcurrentHashMap<>();
    private final Set<UUID> changed = ConcurrentHashMap.newKeySet();
    private final Repeated telling = new Repeated("Telling readers their place");
    private final EventLog log;
    private final Pages pages;
    private final StreamHub hub;
    private final Turns turns;
    private final PresenceStore presence;
    private final FrameCodec codec;
    private final Callers callers;
    private final int perChat;
    private final Signals.Subscription subscription;
    private int ticks;
    private volatile boolean closed;

    /// @param perChat `TENDRIL_CHAT_READERS`: streams of one chat; one more ends the oldest
    Readers(
            EventLog log,
            Pages pages,
            StreamHub hub,
            Turns turns,
            PresenceStore presence,
            FrameCodec codec,
            Callers callers,
            Signals signals,
            @Property(name = "tendril.chat.readers", defaultValue = "16") int perChat) {
        this.log = log;
        this.pages = pages;
        this.hub = hub;
        this.turns = turns;
        this.presence = presence;
        this.codec = codec;
        this.callers = callers;
        this.perChat = perChat;
        this.subscription =
                signals.on(Topic.QUEUE, hint -> changed.add(UUID.fromString(hint.key())));
    }

    /// Begins to read for the visitor; ends by itself.
    ///
    /// @param connection see [Outbox]
    Reader open(Visitor visitor, Reader.Place place, Outbox.Connection connection) {
        Opening opening = new Opening();
        Reader reader = new Reader(log, pages, visitor, place, connection, () -> opening.close());
        Signals.Subscription watch = hub.watch(place.streamId(), reader::grown);
        opening.open(() -> {
            watch.close();
            forget(reader);
        });
        Set<Reader> ofChat =
                readers.computeIfAbsent(place.streamId(), _ -> new CopyOnWriteArraySet<>());
        ofChat.add(reader);
        if (ofChat.size() > perChat) {
            ofChat.iterator().next().outbox().end();
        }
        reader.outbox().offer(Sse.OPENING, 0);
        tell(place.workspaceId(), Set.of(reader));
        reader.look();
        if (closed) {
            reader.outbox().end();
        }
        return reader;
    }

    /// How many streams are open.
    int count() {
        return readers.values().stream().mapToInt(Set::size).sum();
    }

    @Scheduled(fixedDelay = "1s")
    void tick() {
        pages.forget();
        Map<UUID, Set<Reader>> byWorkspace = new HashMap<>();
        for (Set<Reader> ofChat : readers.values()) {
            for (Reader reader : ofChat) {
                reader.tick();
                byWorkspace
                        .computeIfAbsent(reader.place().workspaceId(), _ -> new HashSet<>())
                        .add(reader);
            }
        }
        boolean all = ++ticks % PRESENCE_TICKS == 0;
        byWorkspace.forEach((workspaceId, present) -> {
            if (changed.remove(workspaceId) || all) {
                telling.run(() -> {
                    if (all) {
                        present.forEach(this::checkSession);
                    }
                    tell(workspaceId, present);
                });
            }
        });
        changed.retainAll(byWorkspace.keySet());
    }

    /// Ends all streams, and those that are opened later; the browsers come back elsewhere.
    @Override
    public CompletionStage<?> shutdownGracefully() {
        close();
        return CompletableFuture.completedStage(null);
    }

    @PreDestroy
    void close() {
        closed = true;
        subscription.close();
        readers.values().forEach(ofChat -> ofChat.forEach(reader -> reader.outbox().end()));
    }

    private void tell(UUID workspaceId, Set<Reader> present) {
        Set<UUID> streams =
                present.stream()
                        .map(reader -> reader.place().streamId())
                        .collect(Collectors.toSet());
        List<HeadStatus> heads = turns.heads(workspaceId, streams);
        if (heads.isEmpty()) {
            return;
        }
        Presence worker = presence.presence(workspaceId);
        // The time of the last call changes all the while; as long as somebody is there it says
        // nothing.
        Presence shown =
                worker.online()
                        ? new Presence(true, null, worker.model(), worker.modelKind())
                        : worker;
        Map<UUID, Frame.Status> told = new HashMap<>();
        for (HeadStatus head : heads) {
            String state = head.state() == RunState.RUNNING ? "running" : "queued";
            told.put(head.streamId(), new Frame.Status(state, head.position(), shown));
        }
        for (Reader reader : present) {
            Frame.Status status = told.get(reader.place().streamId());
            if (status != null) {
                reader.tell(status, codec);
            }
        }
    }

    private void checkSession(Reader reader) {
        if (!callers.isOpen(reader.visitor())) {
            reader.outbox().end();
        }
    }

    private void forget(Reader reader) {
        readers.computeIfPresent(
                reader.place().streamId(),
                (_, ofChat) -> {
                    ofChat.remove(reader);
                    return ofChat.isEmpty() ? null : ofChat;
                });
    }

    /// Runs what closes a reader once, also when the reader ended before it was fully open.
    private static final class Opening {
        private Runnable close = () -> {};
        private boolean closed;

        synchronized void open(Runnable newClose) {
            close = newClose;
            if (closed) {
                newClose.run();
            }
        }

        synchronized void close() {
            if (!closed) {
                closed = true;
                close.run();
            }
        }
    }
}
