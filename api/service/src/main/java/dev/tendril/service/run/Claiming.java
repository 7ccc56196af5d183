package dev.tendril.service.run;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.database.Gathering;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Hands ready runs out. Requests of one workspace for the same pools with the same offers that
/// come while others are being served are served together, in two ways to the database and back:
/// locks and claim; then the histories and the commit.
@Singleton
final class Claiming {

    private final Transactions transactions;
    private final ClaimStore claims;
    private final FrameStore frames;
    private final TraceStore traces;
    private final RunKinds kinds;
    private final Signals signals;
    private final Lease lease;
    private final Gathering<Request, List<ClaimedRun>> requests;

    Claiming(
            Transactions transactions,
            ClaimStore claims,
            FrameStore frames,
            TraceStore traces,
            RunKinds kinds,
            Signals signals,
            Lease lease) {
        this.transactions = transactions;
        this.claims = claims;
        this.frames = frames;
        this.traces = traces;
        this.kinds = kinds;
        this.signals = signals;
        this.lease = lease;
        this.requests =
                new Gathering<>(
                        "claims",
                        Gathering.Limits.of(1, 64, true),
                        Request::kind,
                        request -> request.who.key(),
                        _ -> 1,
                        this::serve);
    }

    /// See [RunQueue#claim].
    List<ClaimedRun> claim(Claimant who, int capacity, List<String> pools) {
        var request =
                new Request(
                        who,
                        capacity,
                        pools,
                        List.of(who.workspaceId(), pools, Set.copyOf(who.offers())));
        List<ClaimedRun> runs = requests.ask(request);
        return runs == null ? answers(List.of(request)).getOrDefault(who.key(), List.of()) : runs;
    }

    private Function<Request, @Nullable List<ClaimedRun>> serve(List<Request> group) {
        Map<UUID, List<ClaimedRun>> served = answers(group);
        return request -> served.getOrDefault(request.who.key(), List.of());
    }

    private Map<UUID, List<ClaimedRun>> answers(List<Request> group) {
        Claimed claimed = transactions.write(tx -> claim(tx, group));
        Map<UUID, List<ClaimedRun>> answers = new HashMap<>();
        claimed.runs.forEach((key, runs) ->
                answers.put(key, runs.stream().map(run -> claimedRun(run, claimed)).toList()));
        return answers;
    }

    private Claimed claim(Tx tx, List<Request> group) throws SQLException {
        var runs =
                claims.claim(
                        tx,
                        group.stream().map(Request::who).toList(),
                        group.stream().map(Request::capacity).toList(),
                        group.getFirst().pools);
        Map<RunKind, List<Run>> byKind = new LinkedHashMap<>();
        Map<Long, Checkpoint> checkpoints = new HashMap<>();
        for (List<Run> own : runs.values()) {
            for (Run run : own) {
                byKind.computeIfAbsent(kinds.of(run), _ -> new ArrayList<>()).add(run);
                Checkpoint last = frames.lastCheckpoint(tx, run);
                if (last != null) {
                    checkpoints.put(run.id(), last);
                }
            }
        }
        Map<Long, List<ChatMessage>> histories = new HashMap<>();
        for (var kind : byKind.entrySet()) {
            kind.getKey()
                    .histories(
                            tx,
                            kind.getValue(),
                            (run, history) -> histories.put(run.id(), history));
        }
        if (!runs.isEmpty()) {
            UUID workspace = group.getFirst().who.workspaceId();
            tx.afterCommit(() -> signals.ring(Hint.queue(workspace)));
        }
        List<Run> all = runs.values().stream().flatMap(List::stream).toList();
        return new Claimed(runs, checkpoints, traces.snapshots(tx, all), histories);
    }

    private ClaimedRun claimedRun(Run run, Claimed claimed) {
        UUID token = run.leaseToken();
        if (token == null) {
            throw new IllegalStateException("a claimed run has a lease");
        }
        return new ClaimedRun(
                run.id(),
                run.kind(),
                run.attempt(),
                run.fence(),
                token,
                lease.offer().toMillis(),
                lease.lease().toMillis(),
                run.streamId(),
                run.messageId(),
                run.answerId(),
                run.opened(),
                claimed.checkpoints.get(run.id()),
                claimed.snapshots.get(run.streamId()),
                claimed.histories.getOrDefault(run.id(), List.of()));
    }

    /// @param kind what requests that are served together have in common
    private record Request(Claimant who, int capacity, List<String> pools, List<Object> kind) {}

    /// @param runs by key
    /// @param checkpoints by run
    /// @param snapshots by chat
    /// @param histories by run
    private record Claimed(
            Map<UUID, List<Run>> runs,
            Map<Long, Checkpoint> checkpoints,
            Map<UUID, String> snapshots,
            Map<Long, List<ChatMessage>> histories) {}
}
