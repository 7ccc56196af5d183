package dev.tendril.service.retention;

import dev.tendril.service.database.Repeated;
import dev.tendril.service.database.Transactions;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.context.exceptions.ConfigurationException;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.TaskScheduler;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// About every five minutes: forgets what is due.
@Singleton
class Retention implements ApplicationEventListener<ServerStartupEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final Duration SHORTEST = Duration.ofMinutes(10);
    private static final Duration PERIOD = Duration.ofMinutes(5);
    private static final long PAUSE_MS = 100;

    private final Repeated pruning = new Repeated("Pruning");
    private final CountDownLatch closed = new CountDownLatch(1);
    private final TaskScheduler scheduler;
    private final Pruning work;

    /// @param compactAfter `TENDRIL_COMPACT_AFTER`, at least 10 min
    Retention(
            Transactions transactions,
            RetentionStore store,
            @Named(TaskExecutors.SCHEDULED) TaskScheduler scheduler,
            @Property(name = "tendril.compact-after", defaultValue = "24h") Duration compactAfter) {
        if (compactAfter.compareTo(SHORTEST) < 0) {
            throw new ConfigurationException("TENDRIL_COMPACT_AFTER is at least 10m.");
        }
        this.scheduler = scheduler;
        this.work = new Pruning(transactions, store, compactAfter, this::pause);
    }

    @Override
    public void onApplicationEvent(ServerStartupEvent event) {
        next();
    }

    @PreDestroy
    void close() {
        closed.countDown();
    }

    private void next() {
        if (closed.getCount() > 0) {
            long delayMs =
                    PERIOD.toMillis() / 2 + ThreadLocalRandom.current().nextLong(PERIOD.toMillis());
            scheduler.schedule(
                    Duration.ofMillis(delayMs), () -> Thread.ofVirtual().start(this::turn));
        }
    }

    private void turn() {
        try {
            pruning.run(() -> {
                int events = work.compact();
                int chats = work.deleteChats();
                int rest = work.deleteRest();
                if (events + chats + rest > 0) {
                    LOG.info(
                            "Forgot {} events of ended turns, {} chats, {} links, sessions and audit entries",
                            events,
                            chats,
                            rest);
                }
            });
        } finally {
            next();
        }
    }

    private boolean pause() {
        try {
            return !closed.await(PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
