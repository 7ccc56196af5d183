package dev.tendril.infra.visitor;

/// A stream broke its promise: a gap, a repeat, a foreign epoch, a malformed line.
public final class StreamViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    StreamViolation(String what) {
        super(what);
    }
}
