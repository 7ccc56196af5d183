package dev.tendril.worker.terminal.screen;

import java.util.Arrays;

/// The four designated character sets and the one in use.
final class Charsets {

    final Charset[] sets = new Charset[4];
    int shift;
    Charset current = Charset.US;

    Charsets() {
        reset();
    }

    void reset() {
        shift = 0;
        allUs();
    }

    /// Without shifting back.
    void allUs() {
        Arrays.fill(sets, Charset.US);
        current = Charset.US;
    }

    void designate(int set, int last) {
        sets[set] = Charset.of(last);
        if (shift == set) {
            current = sets[set];
        }
    }

    void shiftTo(int set) {
        shift = set;
        current = sets[set];
    }
}
