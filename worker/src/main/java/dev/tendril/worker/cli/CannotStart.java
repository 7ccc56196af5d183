package dev.tendril.worker.cli;

/// The worker cannot start, or cannot go on; the message is one sentence for people.
public final class CannotStart extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exit;

    /// @param exit one of [Exit]
    /// @param message one sentence
    public CannotStart(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    /// Exit value.
    public int exit() {
        return exit;
    }
}
