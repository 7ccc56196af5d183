package dev.tendril.relay.stream;

import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.StoredBatch;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/// Pages of streams, each read once for all readers that stand at the same place: what one message
/// wakes asks the database once, however many they are.
///
/// The log only grows, so a page that holds something is right for whoever stands before it. An
/// empty one is not: what it lacks may have been committed before another reader asked. Pages are
/// kept for a second.
@Singleton
final class Pages {

    private final Map<UUID, Page> latest = new ConcurrentHashMap<>();
    private final EventLog log;

    Pages(EventLog log) {
        this.log = log;
    }

    /// What follows `seq`; see [EventLog#after].
    List<StoredBatch> after(UUID workspaceId, UUID streamId, long seq, int bytes) {
        Page own = new Page(seq, new CompletableFuture<>());
        Page page =
                latest.compute(
                        streamId,
                        (_, present) -> present != null && present.serves(own) ? present : own);
        if (page == own) {
            try {
                own.batches.complete(log.after(workspaceId, streamId, seq, bytes));
            } catch (RuntimeException | Error e) {
                latest.remove(streamId, own);
                own.batches.completeExceptionally(e);
            }
        }
        try {
            List<StoredBatch> batches = page.batches.join();
            return page != own && batches.isEmpty()
                    ? log.after(workspaceId, streamId, seq, bytes)
                    : batches;
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Forgets what was read.
    void forget() {
        latest.values().removeIf(page -> page.batches.isDone());
    }

    private record Page(long after, CompletableFuture<List<StoredBatch>> batches) {
        boolean serves(Page wanted) {
            return after == wanted.after
                    && (!batches.isDone()
                            || batches.state() == CompletableFuture.State.SUCCESS
                                    && !batches.resultNow().isEmpty());
        }
    }
}
