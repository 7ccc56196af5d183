package dev.tendril.worker.chat;

/// Makes deltas fit for storing: no NUL, no half of a surrogate pair. A pair that was split over
/// two deltas is put together.
final class WireText {
    private static final char REPLACEMENT = '\uFFFD';

    private char held;

    /// The storable part of what was held back plus the delta; may be empty.
    String accept(String delta) {
        var text = new StringBuilder(delta.length() + 1);
        for (int at = 0; at < delta.length(); at++) {
            char c = delta.charAt(at);
            if (held != 0) {
                if (Character.isLowSurrogate(c)) {
                    text.append(held).append(c);
                    held = 0;
                    continue;
                }
                text.append(REPLACEMENT);
                held = 0;
            }
            if (Character.isHighSurrogate(c)) {
                held = c;
            } else {
                text.append(c == 0 || Character.isLowSurrogate(c) ? REPLACEMENT : c);
            }
        }
        return text.toString();
    }

    /// What is left at the end of a part.
    String end() {
        if (held == 0) {
            return "";
        }
        held = 0;
        return String.valueOf(REPLACEMENT);
    }

    /// A whole text made storable.
    static String of(String whole) {
        var text = new WireText();
        return text.accept(whole) + text.end();
    }
}
