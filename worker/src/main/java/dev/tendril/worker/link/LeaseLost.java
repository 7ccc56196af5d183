package dev.tendril.worker.link;

/// The run was stopped, taken away or has ended: nothing more may be written for it.
public final class LeaseLost extends LinkException {
    private static final long serialVersionUID = 1L;

    /// @param reason for the log
    public LeaseLost(String reason) {
        super(reason, null);
    }
}
