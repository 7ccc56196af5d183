package dev.tendril.service.run;

import java.util.Locale;

/// States of a run, drawn in docs/states.md; the schema checks the same words.
public enum RunState {
    /// Another run of the stream goes first.
    WAITING,
    /// Head of its stream, free to be claimed.
    READY,
    /// Claimed.
    RUNNING,
    /// Answered.
    DONE,
    /// Ended with a visible reason.
    FAILED,
    /// Stopped by the visitor.
    CANCELLED;

    /// Whether the turn is still to end.
    public boolean live() {
        return switch (this) {
            case WAITING, READY, RUNNING -> true;
            case DONE, FAILED, CANCELLED -> false;
        };
    }

    /// The word in SQL and on the wire.
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RunState of(String wire) {
        return valueOf(wire.toUpperCase(Locale.ROOT));
    }
}
