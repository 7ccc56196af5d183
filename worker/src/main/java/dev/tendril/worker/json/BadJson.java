package dev.tendril.worker.json;

/// Text that is not one JSON document within the limits. The message says what and where, and
/// quotes nothing of the document.
public final class BadJson extends Exception {
    private static final long serialVersionUID = 1L;

    BadJson(String message) {
        super(message);
    }
}
