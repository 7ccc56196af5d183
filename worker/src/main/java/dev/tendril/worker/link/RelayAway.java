package dev.tendril.worker.link;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The relay did not answer, or said that it cannot now (429, 502, 503, 504): the outcome is
/// unknown, and the same call may be sent again.
public final class RelayAway extends LinkException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    RelayAway(String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /// The least time to wait, as the relay asked; zero when it said nothing.
    public Duration retryAfter() {
        return retryAfter;
    }
}
