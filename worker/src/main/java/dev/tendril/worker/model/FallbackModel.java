package dev.tendril.worker.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Several models in order: when one does not answer, and nothing of its answer was seen yet, the
/// next one is asked. An endpoint that failed three times in a row rests ([Breaker]); the last
/// model of the list is always tried when all rest.
public final class FallbackModel implements ModelClient {
    private static final Logger LOG = LoggerFactory.getLogger(FallbackModel.class);

    private final List<Choice> models;
    private volatile Choice last;

    private FallbackModel(List<Choice> models, Choice first) {
        this.models = models;
        this.last = first;
    }

    /// A model, and what is remembered of its endpoint's failures.
    record Choice(ModelClient model, Breaker breaker) {}

    /// @param models at least one, the preferred one first
    static FallbackModel of(List<Choice> models) {
        return new FallbackModel(List.copyOf(models), models.getFirst());
    }

    /// The model that was asked last.
    @Override
    public ModelInfo info() {
        return last.model().info();
    }

    /// The narrowest window of all, so that a request fits whoever answers; images only when all
    /// take them; the price of the model that was asked last.
    @Override
    public ModelTraits traits() {
        ModelTraits traits = last.model().traits();
        int window = 0;
        int maxOutput = 0;
        boolean vision = true;
        for (Choice choice : models) {
            ModelTraits one = choice.model().traits();
            if (one.window() > 0 && (window == 0 || one.window() < window)) {
                window = one.window();
            }
            maxOutput = Math.max(maxOutput, one.maxOutput());
            vision &= one.vision();
        }
        return new ModelTraits(vision, window, maxOutput, traits.price());
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        return new Stream(request);
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
        private Choice mine = models.getFirst();
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
                        mine.breaker().worked();
                    }
                    return event;
                } catch (ModelFailure e) {
                    stream.close();
                    if (another(e.fault()) && e.fault() != ModelFault.REJECTED) {
                        mine.breaker().failed(mine.model().info().name());
                    }
                    if (heard || !another(e.fault()) || next >= models.size()) {
                        throw e;
                    }
                    LOG.warn("Asking the next model: {}", e.getMessage());
                    forget();
                }
            }
        }

        @Override
        public synchronized ModelClient by() {
            return mine.model();
        }

        private synchronized void forget() {
            open = null;
        }

        private synchronized ModelStream current() throws ModelFailure {
            ModelStream stream = open;
            if (stream == null) {
                while (next < models.size() - 1 && !models.get(next).breaker().ready()) {
                    next++;
                }
                mine = models.get(next++);
                last = mine;
                stream = mine.model().stream(request);
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
