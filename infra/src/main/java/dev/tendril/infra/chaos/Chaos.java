package dev.tendril.infra.chaos;

import dev.tendril.infra.house.Jars;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.LedgerStore;
import dev.tendril.infra.ledger.StoredEvent;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.visitor.Visitor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of chaos: faults, rest, verdict.
final class Chaos {
    private static final Duration DRAIN = Duration.ofSeconds(90);

    private final Jars jars;
    private final ChaosOptions options;
    private final Consumer<String> progress;

    /// @param progress told of each phase in one line
    Chaos(Jars jars, ChaosOptions options, Consumer<String> progress) {
        this.jars = jars;
        this.options = options;
        this.progress = progress;
    }

    /// @param directory for the house; the log is left in it as `chaos.jsonl`
    ChaosReport run(Path directory, FaultPlan plan) throws Exception {
        var record = new WorkerRecord();
        try (var log = ChaosLog.to(directory.resolve("chaos.jsonl"));
                var arena =
                        Arena.open(jars, directory.resolve("house"), options, plan, record, log)) {
            log.op(
                    "options",
                    "seed",
                    options.seed(),
                    "seconds",
                    options.seconds(),
                    "plan",
                    plan.toString());
            return new Running(arena, plan, record, log).run();
        }
    }

    private final class Running {
        private final Arena arena;
        private final FaultPlan plan;
        private final WorkerRecord record;
        private final ChaosLog log;
        private final AtomicBoolean calm = new AtomicBoolean();
        private final AtomicBoolean rest = new AtomicBoolean();

        Running(Arena arena, FaultPlan plan, WorkerRecord record, ChaosLog log) {
            this.arena = arena;
            this.plan = plan;
            this.record = record;
            this.log = log;
        }

        ChaosReport run() throws Exception {
            var house = arena.house();
            var rude =
                    new RudeWorker(
                            new WorkerCalls(
                                    house.http(),
                                    arena.workerProxy("rude", options.workers(), record, log).url(),
                                    house.newWorkerToken("rude")),
                            options.seed(),
                            options.lease(),
                            log,
                            calm::get,
                            rest::get);
            long deadline =
                    System.nanoTime()
                            + Duration.ofSeconds(options.seconds())
                                    .plus(DRAIN)
                                    .plusSeconds(60)
                                    .toNanos();
            var guests = new ArrayList<Guest>();
            for (int i = 1; i <= options.visitors() + 1; i++) {
                Visitor visitor = house.visitor(arena.relays().getFirst().url());
                guests.add(
                        new Guest(
                                i,
                                visitor,
                                arena.fronts(),
                                options.seed(),
                                log,
                                calm::get,
                                deadline));
            }
            Guest late = guests.removeLast();
            progress.accept(options.seconds() + " s of faults");
            var faults = new FaultRunner(arena, plan, log);
            var violations = new ArrayList<Violation>();
            ChaosReport.Times times;
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                threads.submit(() -> {
                    rude.run();
                    return null;
                });
                var talks = new ArrayList<Future<?>>();
                for (Guest guest : guests) {
                    talks.add(
                            threads.submit(() -> {
                                guest.run();
                                return null;
                            }));
                }
                try {
                    faults.run(plan);
                    long calmNanos = System.nanoTime();
                    calm.set(true);
                    log.op("calm");
                    progress.accept("faults are over; all come to rest");
                    late.begin();
                    talks.add(
                            threads.submit(() -> {
                                late.run();
                                return null;
                            }));
                    times = settle(calmNanos, talks, violations);
                } finally {
                    calm.set(true);
                    rest.set(true);
                }
            }
            guests.add(late);
            progress.accept("the verdict");
            return verdict(guests, faults, violations, times);
        }

        private ChaosReport.Times settle(
                long calmNanos, List<Future<?>> talks, List<Violation> violations)
                throws InterruptedException {
            @Nullable Long claim = null;
            try {
                claim =
                        Await.value(
                                options.bound().plusSeconds(20),
                                "a claim",
                                () -> firstClaim(calmNanos));
            } catch (AssertionError e) {
                violations.add(new Violation(Invariant.LIVE, "no claim after the last fault"));
            }
            for (Future<?> talk : talks) {
                try {
                    talk.get();
                } catch (ExecutionException e) {
                    throw new IllegalStateException("a visitor broke", e.getCause());
                }
            }
            try {
                LedgerStore ledger = arena.house().ledger();
                Await.until(DRAIN, "all runs to end", () -> ledger.unended().isEmpty());
            } catch (AssertionError e) {
                log.op("undrained", "why", String.valueOf(e.getMessage()));
            }
            double drained = (System.nanoTime() - calmNanos) / 1e9;
            double claimed = claim == null ? Double.NaN : (claim - calmNanos) / 1e9;
            if (claimed > options.bound().toSeconds()) {
                violations.add(
                        new Violation(
                                Invariant.LIVE,
                                "the first claim came %.1f s after the last fault"
                                        .formatted(claimed)));
            }
            return new ChaosReport.Times(claimed, drained);
        }

        private @Nullable Long firstClaim(long afterNanos) {
            return record.claims().stream()
                    .map(WorkerRecord.Claimed::atNanos)
                    .filter(at -> at > afterNanos)
                    .min(Long::compare)
                    .orElse(null);
        }

        private ChaosReport verdict(
                List<Guest> guests,
                FaultRunner faults,
                List<Violation> before,
                ChaosReport.Times times)
                throws Exception {
            List<SeenChat> chats = guests.stream().flatMap(g -> g.chats().stream()).toList();
            LedgerStore ledger = arena.house().ledger();
            var violations = new ArrayList<>(before);
            violations.addAll(Verdict.of(ledger, chats, record));
            violations.forEach(
                    v -> log.op("violation", "of", v.invariant().label(), "what", v.what()));
            List<StoredEvent> events = ledger.events();
            var runs = ledger.runs();
            return new ChaosReport(
                    options,
                    plan,
                    Skew.find().means(),
                    new ChaosReport.Counts(
                            chats.size(),
                            chats.stream().mapToInt(c -> c.texts().size()).sum(),
                            chats.stream().mapToInt(c -> c.acknowledged().size()).sum(),
                            events.size(),
                            events.stream().mapToInt(e -> e.frames().size()).sum(),
                            chats.stream().mapToInt(c -> c.frames().size()).sum(),
                            (int) runs.stream().filter(r -> r.state().equals("done")).count(),
                            (int) runs.stream().filter(r -> r.state().equals("failed")).count(),
                            (int) runs.stream().filter(r -> r.state().equals("cancelled")).count(),
                            chats.stream().mapToInt(SeenChat::stops).sum(),
                            chats.stream().mapToInt(SeenChat::retries).sum(),
                            record.claims().size(),
                            (int) record.claims().stream().filter(c -> c.attempt() > 1).count(),
                            record.writes().size(),
                            (int) record.refusals()),
                    faults.done(),
                    times,
                    violations,
                    log.file());
        }
    }
}
