package dev.tendril.service.stream;

import dev.tendril.service.database.Repeated;
import io.micronaut.scheduling.annotation.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;

/// Wakes the readers of streams: by signal, and once per second by asking the database, in one
/// query for all streams that somebody reads here.
@Singleton
public final class StreamHub {

    private final Map<UUID, List<LongConsumer>> watchers = new ConcurrentHashMap<>();
    private final Repeated catchingUp = new Repeated("Looking for news of streams");
    private final EventLog log;
    private final Signals.Subscription subscription;

    StreamHub(EventLog log, Signals signals) {
        this.log = log;
        this.subscription = signals.on(Topic.STREAM, this::wake);
    }

    /// Tells `watcher` the stream's last seq whenever it may have grown, also when it has not. The
    /// watcher must return at once.
    public Signals.Subscription watch(UUID streamId, LongConsumer watcher) {
        watchers.compute(
                streamId,
                (_, list) -> {
                    List<LongConsumer> present = list == null ? new CopyOnWriteArrayList<>() : list;
                    present.add(watcher);
                    return present;
                });
        return () ->
                watchers.computeIfPresent(
                        streamId,
                        (_, list) -> {
                            list.remove(watcher);
                            return list.isEmpty() ? null : list;
                        });
    }

    /// Streams that somebody reads here.
    public Set<UUID> watched() {
        return Set.copyOf(watchers.keySet());
    }

    @Scheduled(fixedDelay = "1s")
    void catchUp() {
        Set<UUID> streams = watched();
        if (!streams.isEmpty()) {
            catchingUp.run(() -> log.lastSeqs(streams).forEach(this::wake));
        }
    }

    private void wake(Hint hint) {
        List<LongConsumer> list = watchers.get(UUID.fromString(hint.key()));
        if (list != null) {
            list.forEach(watcher -> watcher.accept(hint.seq()));
        }
    }

    @PreDestroy
    void close() {
        subscription.close();
    }
}
