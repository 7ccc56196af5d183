package dev.tendril.worker.link;

import dev.tendril.contract.worker.OpenWorkerSession;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The 15 min JWT, opened when needed and renewed when four fifths of its life are over. One thread
/// opens, the others wait for it.
final class RelaySession {
    private static final String SELF = "/api/v1/workers/self/";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LEAST_LIFE = Duration.ofMinutes(1);
    private static final Duration MOST_LIFE = Duration.ofMinutes(15);

    private final RelayLink link;
    private final Credentials credentials;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Grant grant;

    RelaySession(RelayLink link, Credentials credentials) {
        this.link = link;
        this.credentials = credentials;
    }

    /// @param bearer the `Authorization` header
    /// @param workspace slug
    /// @param workerId this worker
    /// @param renewAtNanos on the monotonic clock
    record Grant(String bearer, String workspace, UUID workerId, long renewAtNanos) {}

    Grant current() throws RelayAway, CallRefused, InterruptedException {
        lock.lockInterruptibly();
        try {
            Grant held = grant;
            if (held == null || System.nanoTime() - held.renewAtNanos() > 0) {
                held = open();
                grant = held;
            }
            return held;
        } finally {
            lock.unlock();
        }
    }

    /// Drops a grant that was refused, unless another thread has replaced it already.
    void forget(Grant refused) {
        lock.lock();
        try {
            if (refused.equals(grant)) {
                grant = null;
            }
        } finally {
            lock.unlock();
        }
    }

    void forget() {
        lock.lock();
        try {
            grant = null;
        } finally {
            lock.unlock();
        }
    }

    private Grant open() throws RelayAway, CallRefused, InterruptedException {
        long startNanos = System.nanoTime();
        WorkerNonce nonce = send("nonce", Map.of(), WorkerNonce.class);
        Announcement self = credentials.announcement().get();
        var proof =
                new OpenWorkerSession(
                        credentials.key().publicKey(),
                        nonce.nonce(),
                        credentials.key().sign(nonce.nonce()),
                        self.model(),
                        self.modelKind(),
                        self.version(),
                        self.instance());
        WorkerSession opened = send("session", proof, WorkerSession.class);
        long lifeNanos = life(opened).toNanos();
        return new Grant(
                "Bearer " + opened.token(),
                opened.workspace(),
                opened.workerId(),
                startNanos + lifeNanos / 5 * 4);
    }

    private <T> T send(String call, Object body, Class<T> type)
            throws RelayAway, CallRefused, InterruptedException {
        try {
            T answer = link.send(SELF + call, credentials.token().bearer(), body, type, TIMEOUT);
            if (answer == null) {
                throw new RelayAway("the relay's answer was empty", Duration.ZERO, null);
            }
            return answer;
        } catch (LeaseLost e) {
            throw new IllegalStateException("a session has no lease", e);
        }
    }

    /// The two clocks may differ; what they cannot settle, a `401` will.
    private Duration life(WorkerSession opened) {
        Duration told = Duration.between(credentials.clock().instant(), opened.expiresAt());
        if (told.compareTo(LEAST_LIFE) < 0) {
            return LEAST_LIFE;
        }
        return told.compareTo(MOST_LIFE) > 0 ? MOST_LIFE : told;
    }
}
