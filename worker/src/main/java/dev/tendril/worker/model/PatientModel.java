package dev.tendril.worker.model;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries a model again while nothing of its answer has been seen: after a passing fault, after
/// about 0.5, 1, 2 s and so on, up to 8 s, or when the endpoint says so (up to 15 s).
public final class PatientModel implements ModelClient {
    private static final Logger LOG = LoggerFactory.getLogger(PatientModel.class);
    private static final long FIRST_MS = 500;
    private static final int DOUBLINGS = 4;
    private static final Duration LONGEST_WISH = Duration.ofSeconds(15);

    private final ModelClient model;
    private final int most;

    /// Tries three times more.
    ///
    /// @param model to be tried again
    public PatientModel(ModelClient model) {
        this(model, ModelProfile.RETRIES);
    }

    /// @param model to be tried again
    /// @param most how often
    public PatientModel(ModelClient model, int most) {
        this.model = model;
        this.most = most;
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    @Override
    public ModelTraits traits() {
        return model.traits();
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        return new Stream(request);
    }

    private final class Stream implements ModelStream {
        private final ModelRequest request;
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile ModelStream attempt;
        private int retries;
        private boolean heard;

        Stream(ModelRequest request) {
            this.request = request;
            this.attempt = model.stream(request);
        }

        @Override
        public ModelEvent next() throws ModelFailure, InterruptedException {
            while (true) {
                try {
                    ModelEvent event = attempt.next();
                    heard |= !(event instanceof ModelEvent.Usage);
                    return event;
                } catch (ModelFailure e) {
                    attempt.close();
                    if (heard || !mayRetry(e)) {
                        throw e;
                    }
                    LOG.info("Asking the model again: {}", e.getMessage());
                    pause(e.retryAfter());
                    attempt = model.stream(request);
                    if (closed.getCount() == 0) {
                        attempt.close();
                    }
                }
            }
        }

        private boolean mayRetry(ModelFailure e) {
            return e.fault().passing()
                    && retries < most
                    && e.retryAfter().compareTo(LONGEST_WISH) <= 0;
        }

        private void pause(Duration wish) throws ModelFailure, InterruptedException {
            long span = FIRST_MS << Math.min(DOUBLINGS, retries++);
            long ms = ThreadLocalRandom.current().nextLong(span / 2, span + 1);
            if (closed.await(Math.max(ms, wish.toMillis()), TimeUnit.MILLISECONDS)) {
                throw new ModelFailure(ModelFault.ABORTED, "closed while waiting");
            }
        }

        @Override
        public void close() {
            closed.countDown();
            attempt.close();
        }
    }
}
