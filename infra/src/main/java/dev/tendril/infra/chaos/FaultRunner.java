package dev.tendril.infra.chaos;

import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.CutProxy;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Does to an arena what a plan says, and afterwards brings everything back to life.
final class FaultRunner {
    private static final long REVIVAL_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long BACKEND_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Arena arena;
    private final ChaosLog log;
    private final Random random;
    private final Map<FaultKind, Integer> done = new EnumMap<>(FaultKind.class);
    private final Map<House.Actor, ReentrantLock> locks = new ConcurrentHashMap<>();

    FaultRunner(Arena arena, FaultPlan plan, ChaosLog log) {
        this.arena = arena;
        this.log = log;
        this.random = new Random(plan.seed() + 1);
    }

    /// Carries the plan out; returns when the last fault is over and all processes are up again.
    void run(FaultPlan plan) throws InterruptedException {
        long startNanos = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (FaultPlan.Planned fault : plan.faults()) {
                long waitNanos = startNanos + fault.atMs() * 1_000_000L - System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(waitNanos);
                threads.submit(() -> happen(fault));
            }
        }
        for (House.Actor actor : arena.relays()) {
            revive(actor);
        }
        for (House.Actor actor : arena.workers()) {
            revive(actor);
        }
    }

    /// How often each kind happened.
    Map<FaultKind, Integer> done() {
        synchronized (done) {
            return new EnumMap<>(done);
        }
    }

    private void happen(FaultPlan.Planned fault) {
        log.op(
                "fault",
                "kind",
                fault.kind().label(),
                "target",
                fault.target() + 1,
                "ms",
                fault.lastsMs());
        try {
            carryOut(fault);
            synchronized (done) {
                done.merge(fault.kind(), 1, Integer::sum);
            }
            log.op("fault-over", "kind", fault.kind().label(), "target", fault.target() + 1);
        } catch (IOException | AssertionError e) {
            log.op("fault-failed", "kind", fault.kind().label(), "why", String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(FaultPlan.Planned fault) throws IOException, InterruptedException {
        int target = fault.target();
        switch (fault.kind()) {
            case WORKER_RESET -> arena.workerProxies().get(target).cutAll();
            case VISITOR_RESET -> arena.visitorProxies().get(target).cutAll();
            case DATABASE_RESET -> arena.databaseProxies().get(target).cutAll();
            case CUT_SHORT -> cutShort(target, fault.lastsMs());
            case BACKEND_END -> {
                int pid = backend();
                if (pid > 0) {
                    arena.backends().end(pid);
                }
            }
            case BACKEND_KILL -> {
                int pid = backend();
                if (pid > 0) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
            case DATABASE_KILL -> arena.house().database().killAll();
            case DATABASE_STOP -> arena.house().database().stopAtOnce();
            case WORKER_KILL -> killed(arena.workers().get(target), fault.lastsMs());
            case RELAY_KILL -> killed(arena.relays().get(target), fault.lastsMs());
            case WORKER_SLEEP -> asleep(arena.workers().get(target), fault.lastsMs());
            case RELAY_SLEEP -> asleep(arena.relays().get(target), fault.lastsMs());
            case ROLLING_RESTART -> {
                for (House.Relay relay : arena.relays()) {
                    alone(
                            relay,
                            () -> {
                                relay.process().terminate();
                                revive(relay);
                            });
                }
            }
        }
    }

    private void cutShort(int relay, int lastsMs) throws InterruptedException {
        List<CutProxy> proxies =
                List.of(
                        arena.visitorProxies().get(relay),
                        arena.workerProxies().get(relay % arena.workerProxies().size()));
        for (CutProxy proxy : proxies) {
            proxy.cutAfter(() -> 100 + bounded(4_000));
            proxy.cutAll();
        }
        TimeUnit.MILLISECONDS.sleep(lastsMs);
        proxies.forEach(proxy -> proxy.cutAfter(() -> Long.MAX_VALUE));
    }

    private int bounded(int most) {
        synchronized (random) {
            return random.nextInt(most);
        }
    }

    /// A backend of a relay, as soon as there is one: another fault may hold the database down.
    private int backend() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + BACKEND_NANOS;
        while (true) {
            try {
                List<Integer> pids = arena.backends().pids();
                if (!pids.isEmpty()) {
                    return pids.get(bounded(pids.size()));
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            if (System.nanoTime() > deadline) {
                return 0;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private void killed(House.Actor actor, int pauseMs) throws InterruptedException, IOException {
        alone(
                actor,
                () -> {
                    actor.process().kill();
                    TimeUnit.MILLISECONDS.sleep(pauseMs);
                    revive(actor);
                });
    }

    private void asleep(House.Actor actor, int lastsMs) throws InterruptedException, IOException {
        alone(
                actor,
                () -> {
                    actor.process().pause();
                    try {
                        TimeUnit.MILLISECONDS.sleep(lastsMs);
                    } finally {
                        actor.process().resume();
                    }
                });
    }

    private interface Deed {
        void happen() throws IOException, InterruptedException;
    }

    private void alone(House.Actor actor, Deed deed) throws IOException, InterruptedException {
        ReentrantLock lock = locks.computeIfAbsent(actor, _ -> new ReentrantLock());
        lock.lock();
        try {
            deed.happen();
        } finally {
            lock.unlock();
        }
    }

    /// As a supervisor does: starts it until it stays, for another fault may meet it at its start.
    private void revive(House.Actor actor) throws InterruptedException {
        long deadline = System.nanoTime() + REVIVAL_NANOS;
        while (!actor.process().alive()) {
            try {
                actor.start();
                log.op("started", "pid", actor.process().pid());
            } catch (AssertionError | IOException e) {
                log.op("start-failed", "why", String.valueOf(e.getMessage()));
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("a process does not come back", e);
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }
}
