package dev.tendril.relay.up;

/// `up` cannot go on; the message is one sentence for the person at the keyboard.
final class UpFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UpFailure(String message) {
        super(message);
    }
}
