package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkCode;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.database.Repeated;
import dev.tendril.service.link.LinkStore;
import io.micronaut.context.annotation.Value;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.Scheduled;
import io.micronaut.websocket.WebSocketSession;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/// The links that this relay holds, one per worker: a newer one takes the older one's place.
@Singleton
class Links implements GracefulShutdownCapable {

    private static final Duration SILENCE = Duration.ofSeconds(18);
    private static final Duration DEVICE_SILENCE = Duration.ofSeconds(45);

    private final Map<UUID, WorkerLink> byWorker = new ConcurrentHashMap<>();
    private final Repeated looking = new Repeated("Looking after workers' links");
    private final LinkStore store;
    private final Callers callers;
    private final ExecutorService blocking;
    private final String replica;
    private volatile boolean leaving;

    Links(
            LinkStore store,
            Callers callers,
            @Named(TaskExecutors.BLOCKING) ExecutorService blocking,
            @Nullable @Value("${tendril.replica:}") String replica) {
        this.store = store;
        this.callers = callers;
        this.blocking = blocking;
        this.replica = replica == null || replica.isBlank() ? random() : replica;
    }

    /// This relay's name among its replicas.
    String replica() {
        return replica;
    }

    @Nullable WorkerLink of(UUID workerId) {
        return byWorker.get(workerId);
    }

    /// A worker's link begins. The first message is ours, a ping: what the other side sends before
    /// it heard from us may meet a pipeline that still expects HTTP.
    WorkerLink begin(WorkerIdentity worker, WebSocketSession session) {
        WorkerLink link = new WorkerLink(worker, session);
        if (leaving) {
            link.close(LinkCode.LEAVING);
            return link;
        }
        WorkerLink older = byWorker.put(worker.workerId(), link);
        if (older != null) {
            older.close(LinkCode.REPLACED);
        }
        blocking.execute(() ->
                looking.run(() -> store.hold(worker.workspaceId(), worker.workerId(), replica)));
        return link;
    }

    /// A worker's link is gone.
    void end(WorkerLink link) {
        UUID workerId = link.worker().workerId();
        link.gone();
        if (byWorker.remove(workerId, link)) {
            blocking.execute(() -> looking.run(() -> store.leave(workerId, replica)));
        }
    }

    /// Tells, off the event loop, where the worker's link is: the name of another relay, or null.
    CompletionStage<@Nullable String> elsewhere(UUID workerId) {
        return CompletableFuture.supplyAsync(
                () -> {
                    String other = store.where(workerId);
                    return replica.equals(other) ? null : other;
                },
                blocking);
    }

    @Scheduled(fixedDelay = "2s")
    void dropSilent() {
        dropSilent(System.nanoTime());
    }

    void dropSilent(long now) {
        for (WorkerLink link : byWorker.values()) {
            if (now - link.heardNanos() > SILENCE.toNanos()) {
                link.close(LinkCode.SILENT);
                end(link);
            } else {
                link.dropSilent(now - DEVICE_SILENCE.toNanos());
            }
        }
    }

    @Scheduled(fixedDelay = "6s")
    void ping() {
        byWorker.values().forEach(WorkerLink::ping);
    }

    /// A revoked worker loses its link within 5 s.
    @Scheduled(fixedDelay = "4s")
    void dropRevoked() {
        looking.run(() -> {
            for (WorkerLink link : byWorker.values()) {
                if (!callers.isKnown(link.worker())) {
                    link.close(LinkCode.UNAUTHORIZED);
                    end(link);
                }
            }
        });
    }

    @Scheduled(fixedDelay = "15s")
    void touch() {
        if (!byWorker.isEmpty()) {
            looking.run(() -> store.touch(byWorker.keySet(), replica));
        }
    }

    @Override
    public CompletionStage<?> shutdownGracefully() {
        leaving = true;
        for (WorkerLink link : byWorker.values()) {
            link.close(LinkCode.LEAVING);
            end(link);
        }
        return CompletableFuture.completedFuture(null);
    }

    private static String random() {
        byte[] bytes = new byte[4];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
