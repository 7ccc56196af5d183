package dev.tendril.worker.run;

import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.worker.link.Backoff;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.link.RelayAway;
import dev.tendril.worker.link.RelayLink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the relay for work, as much as there are free slots, and executes each run on a virtual
/// thread of its own.
public final class ClaimLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
    private static final Duration WAIT = Duration.ofSeconds(25);
    private static final List<String> POOLS = List.of("chat");

    /// So often in a row may the relay refuse a worker that it had accepted before.
    private static final int REFUSALS = 5;

    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(5);

    private final RelayLink link;
    private final RunWork work;
    private final int concurrency;
    private final Self self;
    private final Semaphore slots;
    private final Map<Long, Slot> active = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean draining;
    private volatile @Nullable Thread loop;

    /// @param link to the relay
    /// @param work what is done with a run
    /// @param concurrency runs at once, 1 to 64
    /// @param self who asks
    public ClaimLoop(RelayLink link, RunWork work, int concurrency, Self self) {
        this.link = link;
        this.work = work;
        this.concurrency = concurrency;
        this.self = self;
        this.slots = new Semaphore(concurrency);
    }

    /// Claims and executes until [#drain] is called.
    ///
    /// @throws CallRefused when the relay does not accept this worker
    public void run() throws CallRefused {
        loop = Thread.currentThread();
        try {
            claimUntilDrained();
        } catch (InterruptedException e) {
            if (!draining) {
                Thread.currentThread().interrupt();
            }
        } finally {
            ended.countDown();
        }
    }

    private void claimUntilDrained() throws InterruptedException, CallRefused {
        @Nullable ClaimRequest open = null;
        boolean accepted = false;
        int failures = 0;
        int refusals = 0;
        try {
            while (!draining) {
                if (open == null) {
                    slots.acquire();
                    open = request(1 + slots.drainPermits());
                }
                Duration pause;
                try {
                    if (!accepted) {
                        LOG.info("Connected to the relay, workspace {}", link.connect());
                        accepted = true;
                    }
                    pause = claim(open);
                    open = null;
                    if (failures > 0) {
                        LOG.info("The relay is back after {} tries", failures);
                    }
                    failures = 0;
                    refusals = 0;
                } catch (RelayAway e) {
                    pause = longer(Backoff.RELAY.before(failures, random()), e.retryAfter());
                    if (failures++ == 0) {
                        LOG.warn("The relay is away, trying again: {}", e.getMessage());
                    }
                } catch (CallRefused e) {
                    if (e.credentials() && (!accepted || ++refusals >= REFUSALS)) {
                        throw e;
                    }
                    LOG.error("The relay refused a claim: {}", e.getMessage());
                    pause = REFUSED_PAUSE;
                }
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            }
        } finally {
            if (open != null) {
                slots.release(open.capacity());
            }
        }
    }

    private ClaimRequest request(int capacity) {
        return new ClaimRequest(
                UUID.randomUUID(), capacity, POOLS, self.offers().get(), self.instance());
    }

    /// Makes one claim and starts what it brings.
    ///
    /// @return how long to wait before the next: an empty answer before its time (a relay that
    ///   drains) must not make this loop spin
    private Duration claim(ClaimRequest request)
            throws RelayAway, CallRefused, InterruptedException {
        long startNanos = System.nanoTime();
        List<ClaimedRun> runs = link.claim(request, WAIT);
        start(runs, request.capacity());
        boolean early = runs.isEmpty() && System.nanoTime() - startNanos < WAIT.toNanos() / 5;
        return early ? Backoff.RELAY.before(0, random()) : Duration.ZERO;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static RandomGenerator random() {
        return ThreadLocalRandom.current();
    }

    private void start(List<ClaimedRun> runs, int capacity) {
        int taken = 0;
        for (ClaimedRun run : runs) {
            if (taken == capacity) {
                LOG.error("The relay gave more runs than asked for; the rest lapses");
                break;
            }
            taken++;
            new Slot(run).start();
        }
        slots.release(capacity - taken);
    }

    /// Stops claiming, lets what is running finish, hands back the rest.
    ///
    /// @param patience how long running work may take
    public void drain(Duration patience) throws InterruptedException {
        draining = true;
        Thread running = loop;
        if (running != null) {
            running.interrupt();
            ended.await(2, TimeUnit.SECONDS);
        }
        tellDraining();
        if (slots.tryAcquire(concurrency, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        for (Slot slot : active.values()) {
            slot.handBack();
        }
        slots.tryAcquire(concurrency, 3, TimeUnit.SECONDS);
    }

    private void tellDraining() throws InterruptedException {
        try {
            link.drain();
        } catch (LinkException e) {
            LOG.info("The relay could not be told of the drain: {}", e.getMessage());
        }
    }

    /// One claimed run and its thread.
    private final class Slot {
        private final ClaimedRun run;
        private final Lease lease;
        private final Thread thread;
        private volatile boolean handingBack;

        Slot(ClaimedRun run) {
            this.run = run;
            this.lease = new Lease(run.runId(), run.leaseToken(), run.offerMs());
            this.thread = Thread.ofVirtual().name("run-" + run.runId()).unstarted(this::execute);
        }

        void start() {
            active.put(run.runId(), this);
            thread.start();
        }

        void handBack() {
            handingBack = true;
            thread.interrupt();
        }

        private void execute() {
            FrameWriter out = new FrameWriter(link, lease);
            Thread sender =
                    Thread.ofVirtual().name("run-" + run.runId() + "-send").unstarted(out::send);
            var keeper =
                    new LeaseKeeper(
                            link,
                            lease,
                            () -> {
                                sender.interrupt();
                                thread.interrupt();
                            });
            try (keeper) {
                keeper.start();
                sender.start();
                work.execute(run, out);
            } catch (LeaseLost e) {
                LOG.info("Run {} dropped: {}", run.runId(), e.getMessage());
            } catch (LinkException e) {
                LOG.error("Run {} dropped: {}", run.runId(), e.getMessage());
            } catch (InterruptedException e) {
                LOG.info(
                        "Run {} {}",
                        run.runId(),
                        handingBack ? "handed back" : "dropped: " + lease.reason());
            } catch (RuntimeException | Error e) {
                LOG.error("Run {} broke", run.runId(), e);
            } finally {
                out.close();
                sender.interrupt();
                if (handingBack) {
                    release();
                }
                active.remove(run.runId(), this);
                slots.release();
            }
        }

        private void release() {
            boolean interrupted = Thread.interrupted();
            try {
                link.release(run.runId(), new LeaseCall(run.leaseToken()));
            } catch (LinkException | InterruptedException e) {
                LOG.info("Run {} could not be handed back: {}", run.runId(), e.getMessage());
            }
            if (interrupted) {
                thread.interrupt();
            }
        }
    }
}
