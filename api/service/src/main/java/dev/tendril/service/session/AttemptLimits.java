package dev.tendril.service.session;

import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;

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

    private static final Rate OPENED = new Rate("sessions_per_network", 60, 60);
    private static final Rate WRONG = new Rate("wrong_codes_per_network", 20, 10);
    private static final Rate MISSED = new Rate("misses_per_code", 60, 60);

    private final Buckets buckets = new Buckets();

    /// Before any work is done for an attempt.
    ///
    /// @throws ProblemException `rate_limited`
    void enter(String network, String code) {
        buckets.take(OPENED.of(network), network);
        buckets.check(WRONG.of(network), network);
        if (buckets.touched(WRONG.of(network), network)) {
            buckets.check(MISSED, code);
        }
    }

    /// Whether so much has come from there that it may be a machine: half of the wrong codes, or
    /// two thirds of the sessions that a network may have at once.
    boolean doubtful(String network) {
        return buckets.drawn(WRONG.of(network), network, 1.0 / 2)
                || buckets.drawn(OPENED.of(network), network, 2.0 / 3);
    }

    /// After a wrong code.
    void wrong(String network, String code) {
        buckets.spend(WRONG.of(network), network);
        buckets.spend(MISSED, code);
    }
}
