package dev.tendril.worker.config;

/// A file of the operator cannot be used; the message is a sentence that names file, line and key,
/// and never quotes a secret.
public final class BadFile extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message for the operator
    public BadFile(String message) {
        super(message);
    }
}
