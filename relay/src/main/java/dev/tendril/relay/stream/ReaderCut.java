package dev.tendril.relay.stream;

/// Ends a reader's connection in the middle; it comes back with its cursor.
final class ReaderCut extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ReaderCut(String reason) {
        super(reason, null, false, false);
    }
}
