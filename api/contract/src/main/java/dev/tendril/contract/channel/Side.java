package dev.tendril.contract.channel;

/// Who of the two. The code is the direction byte of what this side sends.
public enum Side {
    /// The operator's device: initiator of the handshake, opens odd streams.
    DEVICE(1),
    /// The worker: responder, opens even streams.
    WORKER(2);

    private final int code;

    Side(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /// The peer of this side.
    public Side other() {
        return this == DEVICE ? WORKER : DEVICE;
    }
}
