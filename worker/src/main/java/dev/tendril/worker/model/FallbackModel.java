package dev.tendril.worker.model;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Several models in order: when one does not answer, and nothing of its answer was seen yet, the
/// next one is asked. A model that failed three times in a row is left alone for 30 s, then tried
/// by one request; the last model of the list is always tried when all are left alone.
public final class FallbackModel implements ModelClient {
    private static final Logger LOG = LoggerFactory.getLogger(FallbackModel.class);
    private static final int FAILURES = 3;
    private static final Duration REST = Duration.ofSeconds(30);

    private final List<Breaker> models;
    private volatile Breaker last;

    /// @param models at least one, the preferred one first
    public FallbackModel(List<? extends ModelClient> models) {
        this(models, System::nanoTime);
    }

    FallbackModel(List<? extends ModelClient> models, LongSupplier nanos) {
        this.models = models.stream().map(m -> new Breaker(m, nanos)).toList();
        this.last = this.models.getFirst();
    }

    /// The model that was asked last.
    @Override
    public ModelInfo info() {
        return last.model.info();
    }

    @Override
    public Price price() {
        return last.model.price();
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        return new Stream(request);
    }

    /// A model with the memory of its failures.
    private static final class Breaker {
        private final ModelClient model;
        private final LongSupplier nanos;
        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicLong restUntil = new AtomicLong();

        Breaker(ModelClient model, LongSupplier nanos) {
            this.model = model;
            this.nanos = nanos;
        }

        /// Whether it may be asked now. After its rest one request may; it rests on until that
        /// request has said something.
        boolean ready() {
            if (failures.get() < FAILURES) {
                return true;
            }
            long now = nanos.getAsLong();
            long until = restUntil.get();
            return now - until >= 0 && restUntil.compareAndSet(until, now + REST.toNanos());
        }

        void worked() {
            failures.set(0);
        }

        void failed() {
            restUntil.set(nanos.getAsLong() + REST.toNanos());
            if (failures.incrementAndGet() == FAILURES) {
                LOG.warn("{} failed {} times in a row and rests", model.info().name(), FAILURES);
            }
        }
    }

    /// Whether another model may do better with the same request.
    private static boolean another(ModelFault fault) {
        return switch (fault) {
            case UNREACHABLE,
                    NO_ANSWER,
                    STALLED,
                    BROKEN,
                    GARBAGE,
                    FORBIDDEN,
                    REJECTED,
                    BUSY,
                    ERROR,
                    EMPTY ->
                    true;
            case TOO_LONG, ABORTED -> false;
        };
    }

    private final class Stream implements ModelStream {
        private final ModelRequest request;
        private @Nullable ModelStream open;
        private Breaker mine = models.getFirst();
        private int next;
        private boolean heard;
        private boolean closed;

        Stream(ModelRequest request) {
            this.request = request;
        }

        @Override
        public ModelEvent next() throws ModelFailure, InterruptedException {
            while (true) {
                ModelStream stream = current();
                try {
                    ModelEvent event = stream.next();
                    if (!(event instanceof ModelEvent.Usage)) {
                        heard = true;
                        mine.worked();
                    }
                    return event;
                } catch (ModelFailure e) {
                    stream.close();
                    if (another(e.fault())) {
                        mine.failed();
                    }
                    if (heard || !another(e.fault()) || next >= models.size()) {
                        throw e;
                    }
                    LOG.warn("Asking the next model: {}", e.getMessage());
                    forget();
                }
            }
        }

        private synchronized void forget() {
            open = null;
        }

        private synchronized ModelStream current() throws ModelFailure {
            ModelStream stream = open;
            if (stream == null) {
                while (next < models.size() - 1 && !models.get(next).ready()) {
                    next++;
                }
                mine = models.get(next++);
                last = mine;
                stream = mine.model.stream(request);
                open = stream;
                if (closed) {
                    stream.close();
                }
            }
            return stream;
        }

        @Override
        public synchronized void close() {
            closed = true;
            if (open != null) {
                open.close();
            }
        }
    }
}
