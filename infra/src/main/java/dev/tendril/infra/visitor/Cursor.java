package dev.tendril.infra.visitor;

/// A position in a chat's stream.
///
/// @param epoch opaque; empty for the beginning
/// @param seq number of the last frame that was read
public record Cursor(String epoch, long seq) {
    /// The beginning of what is retained.
    public static final Cursor START = new Cursor("", 0);

    /// Reads `<epoch>:<seq>`.
    ///
    /// @throws StreamViolation if it is not of this form
    public static Cursor parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || !text.matches("[a-z0-9]{1,16}:[0-9]+")) {
            throw new StreamViolation("no cursor: " + text);
        }
        return new Cursor(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
    }

    /// The next frame's cursor, if it follows this one without a gap.
    ///
    /// @throws StreamViolation if it does not
    Cursor next(String id) {
        Cursor next = parse(id);
        if (next.seq != seq + 1) {
            throw new StreamViolation("frame " + next.seq + " after " + seq);
        }
        if (!epoch.isEmpty() && !epoch.equals(next.epoch)) {
            throw new StreamViolation("epoch " + next.epoch + " after " + epoch);
        }
        return next;
    }

    /// As it goes over the wire.
    @Override
    public String toString() {
        return epoch.isEmpty() ? "0" : epoch + ":" + seq;
    }
}
