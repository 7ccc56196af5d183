package dev.tendril.service.stream;

import java.util.Locale;

/// Why a batch of frames was written.
public enum EventKind {
    /// A visitor's message.
    MESSAGE,
    /// Part of an answer.
    FRAMES,
    /// A dead or released attempt's end.
    RESET,
    /// The end of an answer that succeeded; once per run.
    DONE,
    /// The end of a turn that failed.
    FAILED,
    /// The end of a turn that the visitor stopped.
    CANCELLED;

    String sql() {
        return name().toLowerCase(Locale.ROOT);
    }
}
