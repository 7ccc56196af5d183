package dev.tendril.service.limit;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Token buckets by rule and key. Remembers the 20,000 that were used last; one that is forgotten
/// is full again.
public final class Buckets {

    private static final Logger LOG = LoggerFactory.getLogger(Buckets.class);
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

    /// Takes one token.
    ///
    /// @throws ProblemException `rate_limited` when there is none
    public void take(Rate rate, String key) {
        Bucket bucket = bucket(rate, key);
        if (!bucket.tryConsume(1)) {
            throw refusal(rate, bucket);
        }
    }

    /// Takes none, but there must be one.
    ///
    /// @throws ProblemException `rate_limited` when there is none
    public void check(Rate rate, String key) {
        Bucket bucket = bucket(rate, key);
        if (bucket.getAvailableTokens() <= 0) {
            throw refusal(rate, bucket);
        }
    }

    /// Takes one token if there is one.
    public void spend(Rate rate, String key) {
        bucket(rate, key).tryConsume(1);
    }

    /// Whether any token is missing.
    public boolean touched(Rate rate, String key) {
        return bucket(rate, key).getAvailableTokens() < rate.capacity();
    }

    /// Whether this part of the tokens is gone, from 0 to 1.
    public boolean drawn(Rate rate, String key, double part) {
        return bucket(rate, key).getAvailableTokens() <= rate.capacity() * (1 - part);
    }

    private Bucket bucket(Rate rate, String key) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(
                    rate.rule() + " " + key,
                    _ ->
                            Bucket.builder()
                                    .addLimit(limit ->
                                            limit.capacity(rate.capacity())
                                                    .refillGreedy(
                                                            rate.refill(), Duration.ofMinutes(1)))
                                    .build());
        }
    }

    private static ProblemException refusal(Rate rate, Bucket bucket) {
        long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        LOG.atInfo()
                .addKeyValue("event.action", "rate_limited")
                .addKeyValue("rule", rate.rule())
                .log("too many attempts");
        return ProblemException.retryLater(
                ErrorCode.RATE_LIMITED, TimeUnit.NANOSECONDS.toSeconds(nanos) + 1);
    }

    /// @param rule for the log
    /// @param capacity at once
    /// @param refill per minute
    public record Rate(String rule, int capacity, int refill) {

        /// For a network. `local`, a trusted peer that names nobody, stands for many people: ten
        /// times as much.
        public Rate of(String network) {
            return network.equals("local")
                    ? new Rate(rule, capacity * LOCAL_FACTOR, refill * LOCAL_FACTOR)
                    : this;
        }
    }
}
