package dev.tendril.infra.stub;

import java.util.Locale;

/// How a model server can misbehave.
public enum Fault {
    /// Answers well.
    NONE,
    /// Closes the connection without a byte.
    REFUSE,
    /// Accepts the request and stays silent for ever.
    HANG_BEFORE_HEADERS,
    /// Stays silent for ever after some deltas.
    HANG_MID_STREAM,
    /// Sends bytes that are no HTTP at all.
    GARBAGE,
    /// Sends an event stream whose data is no JSON, after some deltas.
    GARBAGE_MID_STREAM,
    /// Resets the connection in the middle of a line, after some deltas.
    BREAK_MID_STREAM,
    /// Sends `{"error":{…}}` as a stream event after some deltas.
    ERROR_MID_STREAM,
    /// `429` with `Retry-After`.
    TOO_MANY_REQUESTS,
    /// `500` with an error body.
    SERVER_ERROR,
    /// `401`, as for a wrong key.
    UNAUTHORIZED,
    /// Ends the response after some deltas, without a finish reason and without `[DONE]`.
    NO_DONE;

    /// The constant of a name in any letter case.
    ///
    /// @throws IllegalArgumentException if there is none
    static Fault of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
