package dev.tendril.infra.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/// What happens when, drawn from a seed.
///
/// @param seed the same seed and options give the same plan
/// @param workerSkewHours by worker: how wrong its clock is
/// @param relaySkewHours how wrong the clock of all relays is
/// @param faults in order
record FaultPlan(
        long seed, List<Integer> workerSkewHours, int relaySkewHours, List<Planned> faults) {
    private static final int LEAST_GAP_MS = 200;
    private static final int MOST_GAP_MS = 1_800;

    FaultPlan {
        workerSkewHours = List.copyOf(workerSkewHours);
        faults = List.copyOf(faults);
    }

    /// @param atMs after the start
    /// @param target number of the worker or relay, from 0
    /// @param lastsMs how long it holds; 0 for a moment
    record Planned(int atMs, FaultKind kind, int target, int lastsMs) {
        @Override
        public String toString() {
            return "%6.1f s  %s %d%s"
                    .formatted(
                            atMs / 1e3,
                            kind.label(),
                            target + 1,
                            lastsMs == 0
                                    ? ""
                                    : String.format(Locale.ROOT, " for %.1f s", lastsMs / 1e3));
        }
    }

    /// Each kind comes once before chance alone decides.
    ///
    /// @param leaseMs SIGSTOP lasts longer than that
    static FaultPlan draw(long seed, int seconds, int workers, int relays, int leaseMs) {
        var random = new Random(seed);
        var skews = new ArrayList<Integer>();
        for (int i = 0; i < workers; i++) {
            skews.add(new int[] {1, -1, 0}[i % 3]);
        }
        Collections.shuffle(skews, random);
        int relaySkew = random.nextInt(3) - 1;
        var first = new ArrayList<>(List.of(FaultKind.values()));
        Collections.shuffle(first, random);
        var faults = new ArrayList<Planned>();
        int end = seconds * 1000;
        int gap = Math.min(MOST_GAP_MS, 2 * end / (FaultKind.values().length + 2));
        for (int at = 500; at < end; at += LEAST_GAP_MS + random.nextInt(gap - LEAST_GAP_MS)) {
            FaultKind kind = first.isEmpty() ? any(random) : first.removeLast();
            boolean atRelay =
                    switch (kind) {
                        case WORKER_RESET, WORKER_KILL, WORKER_SLEEP -> false;
                        case VISITOR_RESET,
                                DATABASE_RESET,
                                CUT_SHORT,
                                BACKEND_END,
                                BACKEND_KILL,
                                DATABASE_KILL,
                                DATABASE_STOP,
                                RELAY_KILL,
                                RELAY_SLEEP,
                                ROLLING_RESTART ->
                                true;
                    };
            int lasts =
                    switch (kind) {
                        case WORKER_SLEEP, RELAY_SLEEP -> leaseMs + 1_000 + random.nextInt(2_000);
                        case CUT_SHORT -> 500 + random.nextInt(2_500);
                        default -> kind.lasting() ? 100 + random.nextInt(1_500) : 0;
                    };
            faults.add(new Planned(at, kind, random.nextInt(atRelay ? relays : workers), lasts));
        }
        return new FaultPlan(seed, skews, relaySkew, faults);
    }

    private static FaultKind any(Random random) {
        int left =
                random.nextInt(Arrays.stream(FaultKind.values()).mapToInt(FaultKind::weight).sum());
        for (FaultKind kind : FaultKind.values()) {
            left -= kind.weight();
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("weights do not add up");
    }

    @Override
    public String toString() {
        return faults.stream().map(Planned::toString).collect(Collectors.joining("\n"));
    }
}
