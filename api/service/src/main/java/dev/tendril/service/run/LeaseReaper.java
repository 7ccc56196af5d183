package dev.tendril.service.run;

import dev.tendril.service.database.Repeated;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.stream.EventLog;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.TaskScheduler;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Six times per lease, every 5 s by default: takes runs back whose lease has ended, ends runs past
/// their deadline, and makes sure that nothing waits behind a turn that is over. Runs in every
/// replica, without a leader: each run is locked, and skipped by the others, while one of them
/// deals with it.
@Singleton
public class LeaseReaper implements ApplicationEventListener<ServerStartupEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseReaper.class);
    private static final int MOST = 500;

    private final Repeated reaping = new Repeated("Reaping");
    private final Transactions transactions;
    private final RunStore store;
    private final RunEnd ending;
    private final EventLog log;
    private final Lease lease;
    private final TaskScheduler scheduler;
    private volatile boolean closed;

    LeaseReaper(
            Transactions transactions,
            RunStore store,
            RunEnd ending,
            EventLog log,
            Lease lease,
            @Named(TaskExecutors.SCHEDULED) TaskScheduler scheduler) {
        this.transactions = transactions;
        this.store = store;
        this.ending = ending;
        this.log = log;
        this.lease = lease;
        this.scheduler = scheduler;
    }

    @Override
    public void onApplicationEvent(ServerStartupEvent event) {
        next();
    }

    @PreDestroy
    void close() {
        closed = true;
    }

    /// Deals with everything that is due now.
    ///
    /// @return how many runs were ended or made ready
    public int reap() {
        int reaped = 0;
        while (reaped < MOST && (endLate() != null || takeBack() != null)) {
            reaped++;
        }
        for (var stranded : transactions.read(store::stranded)) {
            transactions.write(tx -> {
                Long seq = log.lock(tx, stranded.workspaceId(), stranded.streamId());
                if (seq != null) {
                    ending.promote(
                            tx,
                            List.of(
                                    new RunStore.Place(
                                            stranded.workspaceId(), stranded.streamId(), seq)));
                }
                return seq;
            });
            LOG.warn("Promoted a waiting run of stream {}", stranded.streamId());
            reaped++;
        }
        return reaped;
    }

    private void next() {
        if (!closed) {
            long interval = lease.reapInterval().toMillis();
            long jitter = interval / 5;
            long delay = interval - jitter + ThreadLocalRandom.current().nextLong(2 * jitter);
            scheduler.schedule(
                    Duration.ofMillis(delay), () -> Thread.ofVirtual().start(this::turn));
        }
    }

    private void turn() {
        try {
            if (!closed) {
                reaping.run(this::reap);
            }
        } finally {
            next();
        }
    }

    private @Nullable Run endLate() {
        return transactions.write(tx -> {
            Run run = store.late(tx);
            return run == null
                    ? null
                    : ending.fail(
                            tx, run, run.unclaimed() ? RunFailure.EXPIRED : RunFailure.DEADLINE);
        });
    }

    private @Nullable Run takeBack() {
        return transactions.write(tx -> {
            Run run = store.expired(tx);
            return run == null ? null : ending.lost(tx, run);
        });
    }
}
