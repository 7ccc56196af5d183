package dev.tendril.worker.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A model did not answer, or not to the end. The message is for the operator's log: it may name
/// the endpoint and quote the provider's error, never the visitor's text.
public final class ModelFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ModelFault fault;
    private final Duration retryAfter;

    /// @param fault what happened
    /// @param message the cause, for the operator
    public ModelFailure(ModelFault fault, String message) {
        this(fault, message, Duration.ZERO, null);
    }

    ModelFailure(ModelFault fault, String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
        this.retryAfter = retryAfter;
    }

    /// What happened.
    public ModelFault fault() {
        return fault;
    }

    /// How long the endpoint asked to be left alone; zero when it said nothing.
    public Duration retryAfter() {
        return retryAfter;
    }
}
