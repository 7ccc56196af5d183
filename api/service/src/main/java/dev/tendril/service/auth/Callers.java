package dev.tendril.service.auth;

import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// From a token to its caller. That the session or worker was not revoked is asked of the database
/// at most every 4 s per caller, so a revocation holds within 5 s everywhere and at once where it
/// was made known by [#forget].
@Singleton
public final class Callers {

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final int REMEMBERED = 20_000;

    private final Tokens tokens;
    private final CallerStore store;
    private final ConcurrentHashMap<UUID, Seen> seenOpen = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Verified> verified = new ConcurrentHashMap<>();

    Callers(Tokens tokens, CallerStore store) {
        this.tokens = tokens;
        this.store = store;
    }

    /// Whose token this is, as far as that is known without the database: a [Visitor], a
    /// [WorkerIdentity], or null when the others must be asked. Returns at once.
    @Nullable Record known(String token) {
        Verified known = verified.get(token);
        if (known == null || System.nanoTime() - known.untilNanos() >= 0) {
            return null;
        }
        UUID workspaceId = known.claims().workspaceId();
        UUID subject = known.claims().subject();
        Seen seen = seenOpen.get(subject);
        if (seen == null || !seen.workspaceId().equals(workspaceId) || !fresh(seen.atNanos())) {
            return null;
        }
        return switch (known.kind()) {
            case VISITOR -> new Visitor(workspaceId, subject);
            case WORKER -> new WorkerIdentity(workspaceId, subject);
            case WORKER_NONCE -> null;
        };
    }

    /// The visitor whose valid token this is; null if it is none, or the session is over.
    public @Nullable Visitor visitor(String token) {
        Tokens.Claims claims = verify(Tokens.Kind.VISITOR, token);
        if (claims == null) {
            return null;
        }
        var visitor = new Visitor(claims.workspaceId(), claims.subject());
        return isOpen(visitor) ? visitor : null;
    }

    /// The worker whose valid token this is; null if it is none, or the worker was revoked.
    public @Nullable WorkerIdentity worker(String token) {
        Tokens.Claims claims = verify(Tokens.Kind.WORKER, token);
        if (claims == null) {
            return null;
        }
        var worker = new WorkerIdentity(claims.workspaceId(), claims.subject());
        return isKnown(worker) ? worker : null;
    }

    /// Whether the visitor's session is still open; for long answers that outlive the first check.
    public boolean isOpen(Visitor visitor) {
        return remembered(
                visitor.sessionId(),
                visitor.workspaceId(),
                () -> store.sessionOpen(visitor.workspaceId(), visitor.sessionId()));
    }

    /// Whether the visitor agreed to what the site asks for, if it asks for anything. Known with
    /// the session itself; a no is asked of the database anew, so that a yes counts at once
    /// everywhere.
    public boolean hasAgreed(Visitor visitor) {
        Seen seen = seenOpen.get(visitor.sessionId());
        if (seen != null && seen.agreed() && fresh(seen.atNanos())) {
            return true;
        }
        forget(visitor.sessionId());
        isOpen(visitor);
        Seen anew = seenOpen.get(visitor.sessionId());
        return anew != null && anew.agreed();
    }

    /// Whether the worker is still not revoked.
    public boolean isKnown(WorkerIdentity worker) {
        return remembered(
                worker.workerId(),
                worker.workspaceId(),
                () -> store.workerKnown(worker.workspaceId(), worker.workerId()) ? true : null);
    }

    /// Asks the database anew at the next call of this session or worker.
    public void forget(UUID sessionOrWorkerId) {
        seenOpen.remove(sessionOrWorkerId);
    }

    private Tokens.@Nullable Claims verify(Tokens.Kind kind, String token) {
        Tokens.Claims claims = tokens.verify(kind, token);
        if (claims != null) {
            if (verified.size() >= REMEMBERED) {
                verified.clear();
            }
            long good = Math.min(FRESH_NANOS, tokens.left(claims).toNanos());
            verified.put(token, new Verified(kind, claims, System.nanoTime() + good));
        }
        return claims;
    }

    private static boolean fresh(long atNanos) {
        return System.nanoTime() - atNanos < FRESH_NANOS;
    }

    private boolean remembered(UUID id, UUID workspaceId, Supplier<@Nullable Boolean> ask) {
        long now = System.nanoTime();
        Seen seen = seenOpen.get(id);
        if (seen != null
                && seen.workspaceId().equals(workspaceId)
                && now - seen.atNanos() < FRESH_NANOS) {
            return true;
        }
        Boolean agreed = ask.get();
        if (agreed == null) {
            seenOpen.remove(id);
            return false;
        }
        if (seenOpen.size() >= REMEMBERED) {
            seenOpen.clear();
        }
        seenOpen.put(id, new Seen(workspaceId, now, agreed));
        return true;
    }

    /// @param untilNanos by the monotonic clock, since asking the other one may block
    private record Verified(Tokens.Kind kind, Tokens.Claims claims, long untilNanos) {}

    /// @param agreed of a visitor, to the site's text
    private record Seen(UUID workspaceId, long atNanos, boolean agreed) {}
}
