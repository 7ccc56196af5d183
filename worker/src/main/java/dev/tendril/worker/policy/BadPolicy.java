package dev.tendril.worker.policy;

/// A policy that cannot be used; the message says where and what to do. The worker does not start
/// with it: a misread rule must never be a weaker rule.
public final class BadPolicy extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message a sentence for the operator
    public BadPolicy(String message) {
        super(message);
    }
}
