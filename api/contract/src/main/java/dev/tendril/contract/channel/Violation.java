package dev.tendril.contract.channel;

/// A packet that ends the channel. Never leaves the package: [Channel], [Initiator] and [Responder]
/// turn it into a result. Carries no stack trace, since a hostile relay decides how often it is
/// made.
final class Violation extends Exception {

    private static final long serialVersionUID = 1L;

    private final CloseReason reason;

    Violation(CloseReason reason) {
        super(reason.wireName(), null, false, false);
        this.reason = reason;
    }

    CloseReason reason() {
        return reason;
    }
}
