package dev.tendril.infra.stub;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The life of each model request, for assertions. Keeps the latest 10,000.
final class RequestLog {
    private static final int CAPACITY = 10_000;

    private final InstantSource clock;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long nextId = 1;

    RequestLog(InstantSource clock) {
        this.clock = clock;
    }

    synchronized Entry open(ModelRequest request) {
        var entry = new Entry(nextId++, request);
        entries.addLast(entry);
        if (entries.size() > CAPACITY) {
            entries.removeFirst();
        }
        return entry;
    }

    synchronized List<SeenRequest> all() {
        var seen = new ArrayList<SeenRequest>(entries.size());
        entries.forEach(e -> seen.add(e.seen()));
        return seen;
    }

    synchronized void clear() {
        entries.clear();
    }

    /// One request.
    final class Entry {
        private final long id;
        private final ModelRequest request;
        private final Instant startedAt = clock.instant();
        private volatile String state = "open";
        private volatile @Nullable Instant endedAt;
        private final AtomicInteger deltas = new AtomicInteger();

        private Entry(long id, ModelRequest request) {
            this.id = id;
            this.request = request;
        }

        void delta() {
            deltas.incrementAndGet();
        }

        /// Sets the end, once.
        void end(String how) {
            synchronized (RequestLog.this) {
                if (endedAt == null) {
                    state = how;
                    endedAt = clock.instant();
                }
            }
        }

        private SeenRequest seen() {
            return new SeenRequest(
                    id,
                    request.model(),
                    request.lastUserText(),
                    request.messages().size(),
                    state,
                    startedAt,
                    endedAt,
                    deltas.get());
        }
    }
}
