package dev.tendril.contract.channel;

/// Why one stream ended; the channel goes on.
public enum StreamEnd {
    /// Everything was said.
    DONE(1),
    /// The scopes of the device do not allow it.
    FORBIDDEN(2),
    /// There is no such session, run or approval.
    NOT_FOUND(3),
    /// A limit of the worker.
    LIMIT(4),
    /// What it carried broke.
    FAILED(5);

    private final int code;

    StreamEnd(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static StreamEnd of(int code) throws Violation {
        for (StreamEnd end : values()) {
            if (end.code == code) {
                return end;
            }
        }
        throw new Violation(CloseReason.MALFORMED);
    }
}
