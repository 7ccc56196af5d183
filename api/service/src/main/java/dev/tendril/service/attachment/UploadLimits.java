package dev.tendril.service.attachment;

import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import jakarta.inject.Singleton;

/// How many images come in, counted per process: 20 at once and 60 an hour from a visitor, 60 at
/// once and 240 an hour from a network.
@Singleton
final class UploadLimits {

    private static final Rate VISITOR = new Rate("images_per_visitor", 20, 1);
    private static final Rate NETWORK = new Rate("images_per_network", 60, 4);

    private final Buckets buckets = new Buckets();

    /// Before any work is done.
    ///
    /// @throws dev.tendril.service.problem.ProblemException `rate_limited`
    void enter(String visitor, String network) {
        buckets.take(NETWORK.of(network), network);
        buckets.take(VISITOR, visitor);
    }
}
