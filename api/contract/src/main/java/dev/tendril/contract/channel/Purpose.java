package dev.tendril.contract.channel;

/// What a handshake is for. Part of the prologue, so that neither can be passed off as the other.
public enum Purpose {
    /// An enrolled device speaks with its own PSK; only streams.
    SESSION(1),
    /// A new device speaks with the link's one-time secret; only the pairing frames.
    PAIR(2);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Purpose of(int code) throws Violation {
        return switch (code) {
            case 1 -> SESSION;
            case 2 -> PAIR;
            default -> throw new Violation(CloseReason.MALFORMED);
        };
    }
}
