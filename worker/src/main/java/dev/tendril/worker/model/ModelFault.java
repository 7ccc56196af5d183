package dev.tendril.worker.model;

/// Everything that can go wrong with a model.
public enum ModelFault {
    /// Refused, unknown host, no route, TLS.
    UNREACHABLE(true),
    /// Nothing came within the time to the first byte.
    NO_ANSWER(false),
    /// Silence in the middle of an answer.
    STALLED(false),
    /// The connection broke, or the stream ended without its end.
    BROKEN(true),
    /// Not what the protocol allows.
    GARBAGE(false),
    /// 401 or 403: the key is not accepted.
    FORBIDDEN(false),
    /// The conversation does not fit the model's window.
    TOO_LONG(false),
    /// Another 4xx: unknown model, bad parameter.
    REJECTED(false),
    /// 429.
    BUSY(true),
    /// 5xx, or an error object in mid-stream.
    ERROR(true),
    /// The answer is complete and has nothing in it.
    EMPTY(true),
    /// Closed by this side.
    ABORTED(false);

    private final boolean passing;

    ModelFault(boolean passing) {
        this.passing = passing;
    }

    /// Whether the same request may well succeed a moment later.
    public boolean passing() {
        return passing;
    }
}
