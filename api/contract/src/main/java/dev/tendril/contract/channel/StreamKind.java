package dev.tendril.contract.channel;

/// The registry of what a stream may carry. A new kind is a new row here and in `docs/channel.md`;
/// a peer that does not know a kind ends the channel with `unknown_kind`.
///
/// `deviceWindow` and `workerWindow` are the bytes that the device, respectively the worker, may
/// send on a new stream before the first `Credit`. Only a stream's `opener` may open its kind.
public enum StreamKind {
    /// Requests and answers of the operator: one message each, JSON in UTF-8.
    OPERATOR(1, Side.DEVICE, 64 << 10, 256 << 10),
    /// One attached terminal session: frames of `terminal.md` section 7.1, one per message. The
    /// worker's window is what the viewer can parse, the device's the worker's input queue.
    TERMINAL(2, Side.DEVICE, 256 << 10, 512 << 10),
    /// A question of the worker to a person, bound to one exact action: one message each way.
    APPROVAL(3, Side.WORKER, 16 << 10, 64 << 10),
    /// An agent's events to a watching device: frames of a run, one per message.
    WATCH(4, Side.DEVICE, 16 << 10, 512 << 10);

    private final int code;
    private final Side opener;
    private final int deviceWindow;
    private final int workerWindow;

    StreamKind(int code, Side opener, int deviceWindow, int workerWindow) {
        this.code = code;
        this.opener = opener;
        this.deviceWindow = deviceWindow;
        this.workerWindow = workerWindow;
    }

    /// Who opens streams of this kind.
    public Side opener() {
        return opener;
    }

    /// Bytes that `sender` may send before it gets more credit.
    public int window(Side sender) {
        return sender == Side.DEVICE ? deviceWindow : workerWindow;
    }

    int code() {
        return code;
    }

    static StreamKind of(int code) throws Violation {
        for (StreamKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new Violation(CloseReason.UNKNOWN_KIND);
    }
}
