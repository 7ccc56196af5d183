package dev.tendril.service.session;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import io.github.bucket4j.Bucket;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How often somebody may try a code. Counted per process; what must be unguessable is (75 bits),
/// so these only keep noise and load down.
///
/// - A network (address, or /64) opens at most 60 sessions at once and 60 a minute, and may be
///   wrong 20 times, then 10 times a minute.
/// - `local`, a trusted peer that names nobody, stands for many people: ten times as much.
/// - A code that was missed 60 times is then closed to networks that missed any code in the last
///   minutes, but to nobody else: it cannot be locked by those who do not have it.
@Singleton
final class AttemptLimits {

    private static final Logger LOG = LoggerFactory.getLogger(AttemptLimits.class);

    private static final int OPENED = 60;
    private static final int WRONG = 20;
    private static final int WRONG_PER_MINUTE = 10;
    private static final int MISSED = 60;
    private static final int LOCAL_FACTOR = 10;
    private static final int REMEMBERED = 20_000;

    private final Map<String, Bucket> buckets =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /// Before any work is done for an attempt.
    ///
    /// @throws ProblemException `rate_limited`
    void enter(String network, String code) {
        require(opened(network), 1, "sessions_per_network");
        Bucket wrong = wrong(network);
        require(wrong, 0, "wrong_codes_per_network");
        if (wrong.getAvailableTokens() < capacity(network, WRONG)) {
            require(missed(code), 0, "misses_per_code");
        }
    }

    /// After a wrong code.
    void wrong(String network, String code) {
        wrong(network).tryConsume(1);
        missed(code).tryConsume(1);
    }

    /// @param take tokens to take; 0 asks only whether there is one
    private static void require(Bucket bucket, int take, String rule) {
        if (take == 0 ? bucket.getAvailableTokens() > 0 : bucket.tryConsume(take)) {
            return;
        }
        long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        LOG.atInfo()
                .addKeyValue("event.action", "rate_limited")
                .addKeyValue("rule", rule)
                .log("too many attempts");
        throw ProblemException.retryLater(
                ErrorCode.RATE_LIMITED, TimeUnit.NANOSECONDS.toSeconds(nanos) + 1);
    }

    private Bucket opened(String network) {
        return bucket("opened " + network, () -> perMinute(network, OPENED, OPENED));
    }

    private Bucket wrong(String network) {
        return bucket("wrong " + network, () -> perMinute(network, WRONG, WRONG_PER_MINUTE));
    }

    private Bucket missed(String code) {
        return bucket("missed " + code, () -> perMinute("", MISSED, MISSED));
    }

    private Bucket bucket(String key, Supplier<Bucket> fresh) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(key, _ -> fresh.get());
        }
    }

    private static Bucket perMinute(String network, int capacity, int refill) {
        return Bucket.builder()
                .addLimit(limit ->
                        limit.capacity(capacity(network, capacity))
                                .refillGreedy(capacity(network, refill), Duration.ofMinutes(1)))
                .build();
    }

    private static int capacity(String network, int base) {
        return network.equals("local") ? base * LOCAL_FACTOR : base;
    }
}
