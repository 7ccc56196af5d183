package dev.tendril.worker.attach;

/// A device got no channel; the message is one sentence for people.
public final class CannotConnect extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean lasting;

    /// @param lasting whether trying again is no use
    CannotConnect(String message, boolean lasting) {
        super(message);
        this.lasting = lasting;
    }

    /// Whether trying again is no use.
    public boolean lasting() {
        return lasting;
    }
}
