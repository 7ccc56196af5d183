package dev.tendril.infra.chaos;

import dev.tendril.contract.frame.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What workers asked and were told, as it went over the wire. For many threads.
final class WorkerRecord {
    private final Queue<Claimed> claims = new ConcurrentLinkedQueue<>();
    private final Queue<Write> writes = new ConcurrentLinkedQueue<>();

    /// A run was given to a worker.
    ///
    /// @param atNanos when the answer passed, on this JVM's monotonic clock
    record Claimed(long atNanos, String worker, long runId, int attempt, long fence, UUID token) {}

    /// A call under a lease was answered.
    ///
    /// @param sentNanos when the whole request had passed
    /// @param call `frames`, `checkpoint`, `complete`, `fail`, `release` or `heartbeat`
    /// @param batch 0 for none
    /// @param code of a refusal, else empty
    /// @param lastSeq as the relay told it; 0 for none
    record Write(
            long sentNanos,
            String worker,
            String call,
            long runId,
            UUID token,
            int batch,
            List<Frame> frames,
            int status,
            String code,
            boolean duplicate,
            long lastSeq) {
        Write {
            frames = List.copyOf(frames);
        }

        boolean accepted() {
            return status == 200 || status == 204;
        }
    }

    void add(Claimed claim) {
        claims.add(claim);
    }

    void add(Write write) {
        writes.add(write);
    }

    /// Forgets all.
    void clear() {
        claims.clear();
        writes.clear();
    }

    List<Claimed> claims() {
        return new ArrayList<>(claims);
    }

    List<Write> writes() {
        return new ArrayList<>(writes);
    }

    /// Writes that were refused because another lease, or none, holds.
    long refusals() {
        return writes.stream().filter(w -> w.code().equals("lease_lost")).count();
    }
}
