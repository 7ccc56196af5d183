package dev.tendril.infra.chaos;

import dev.tendril.infra.json.Json;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.Violation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a run of chaos came to.
record ChaosReport(
        ChaosOptions options,
        FaultPlan plan,
        String skewBy,
        Counts counts,
        Map<FaultKind, Integer> faults,
        Times times,
        List<Violation> violations,
        Path log) {
    private static final int SHOWN = 12;

    ChaosReport {
        violations = List.copyOf(violations);
    }

    /// @param firstClaim seconds from the last fault to the first claim; NaN for none
    /// @param drained seconds from the last fault until everything had ended and was read
    record Times(double firstClaim, double drained) {}

    /// @param posted messages that visitors sent
    /// @param acknowledged answers `202`, repetitions too
    /// @param events batches in the log
    /// @param frames in the log
    /// @param seen frames that visitors got, first readers alone
    /// @param again claims of a second or third attempt
    /// @param refused writes under a lease that no longer held
    record Counts(
            int chats,
            int posted,
            int acknowledged,
            int events,
            int frames,
            int seen,
            int done,
            int failed,
            int cancelled,
            int stops,
            int retries,
            int claims,
            int again,
            int writes,
            int refused) {}

    boolean holds() {
        return violations.isEmpty();
    }

    /// For people.
    String text() {
        var out = new StringBuilder();
        out.append(
                String.format(
                        Locale.ROOT,
                        """
                        %d messages in %d chats, %d times acknowledged; %d answered, %d failed, %d stopped
                        %d events, %d frames stored, %d seen; %d stops and %d retries asked
                        %d claims, %d of a later attempt; %d calls under a lease, %d stale ones refused
                        faults: %s
                        clocks: workers %s h, relays %+d h (%s)
                        first claim %.2f s after the last fault, at rest after %.1f s

                        """,
                        counts.posted(),
                        counts.chats(),
                        counts.acknowledged(),
                        counts.done(),
                        counts.failed(),
                        counts.cancelled(),
                        counts.events(),
                        counts.frames(),
                        counts.seen(),
                        counts.stops(),
                        counts.retries(),
                        counts.claims(),
                        counts.again(),
                        counts.writes(),
                        counts.refused(),
                        faults.entrySet().stream()
                                .map(e -> e.getValue() + " " + e.getKey().label())
                                .collect(Collectors.joining(", ")),
                        plan.workerSkewHours(),
                        plan.relaySkewHours(),
                        skewBy,
                        times.firstClaim(),
                        times.drained()));
        for (Invariant invariant : Invariant.values()) {
            List<Violation> of = of(invariant);
            out.append(
                    "%-5s %-9s %s%n"
                            .formatted(
                                    invariant.label(),
                                    of.isEmpty() ? "holds" : "BROKEN " + of.size(),
                                    invariant.meaning()));
            of.stream()
                    .limit(SHOWN)
                    .forEach(v -> out.append("        ").append(v.what()).append('\n'));
        }
        out.append(
                holds()
                        ? "\nAll invariants hold.\n"
                        : "\n%d violations.\n".formatted(violations.size()));
        out.append("seed %d, log %s".formatted(options.seed(), log));
        return out.toString();
    }

    /// For programs.
    String json() {
        var invariants = new LinkedHashMap<String, @Nullable Object>();
        for (Invariant invariant : Invariant.values()) {
            invariants.put(invariant.label(), of(invariant).stream().map(Violation::what).toList());
        }
        var kinds = new LinkedHashMap<String, @Nullable Object>();
        faults.forEach((kind, times) -> kinds.put(kind.label(), times));
        return new String(
                Json.bytes(
                        Json.object(
                                "seed", options.seed(),
                                "seconds", options.seconds(),
                                "workers", options.workers(),
                                "relays", options.relays(),
                                "visitors", options.visitors(),
                                "holds", holds(),
                                "messages", counts.posted(),
                                "acknowledged", counts.acknowledged(),
                                "answered", counts.done(),
                                "failed", counts.failed(),
                                "stopped", counts.cancelled(),
                                "events", counts.events(),
                                "frames", counts.frames(),
                                "framesSeen", counts.seen(),
                                "claims", counts.claims(),
                                "laterAttempts", counts.again(),
                                "staleWritesRefused", counts.refused(),
                                "firstClaimSeconds",
                                        Double.isNaN(times.firstClaim())
                                                ? null
                                                : times.firstClaim(),
                                "restSeconds", times.drained(),
                                "clocks", skewBy,
                                "faults", kinds,
                                "violations", invariants,
                                "log", log.toString())),
                StandardCharsets.UTF_8);
    }

    private List<Violation> of(Invariant invariant) {
        return violations.stream().filter(v -> v.invariant() == invariant).toList();
    }
}
