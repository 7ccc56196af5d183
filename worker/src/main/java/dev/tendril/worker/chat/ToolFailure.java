package dev.tendril.worker.chat;

/// A tool could not do what it was asked; the message is for the model, and the turn goes on.
public final class ToolFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message a sentence for the model
    public ToolFailure(String message) {
        super(message);
    }
}
