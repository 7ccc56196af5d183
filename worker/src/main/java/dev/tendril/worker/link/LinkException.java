package dev.tendril.worker.link;

import org.jspecify.annotations.Nullable;

/// A call to the relay that has no ordinary answer.
public abstract sealed class LinkException extends Exception
        permits RelayAway, LeaseLost, CallRefused {
    private static final long serialVersionUID = 1L;

    LinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
