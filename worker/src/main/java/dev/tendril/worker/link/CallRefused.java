package dev.tendril.worker.link;

/// The relay understood and said no; the same call again would get the same answer.
public final class CallRefused extends LinkException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    CallRefused(int status, String code, String message) {
        super(message, null);
        this.status = status;
        this.code = code;
    }

    /// HTTP status.
    public int status() {
        return status;
    }

    /// The problem's code, or an empty string when the answer was no problem document.
    public String code() {
        return code;
    }

    /// Whether the relay does not accept this worker: its token or its key.
    public boolean credentials() {
        return status == 401 || status == 403;
    }
}
