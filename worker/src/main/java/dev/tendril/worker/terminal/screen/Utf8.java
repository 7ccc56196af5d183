package dev.tendril.worker.terminal.screen;

/// Code points out of bytes that may be cut anywhere. Bytes that are not UTF-8 are dropped, and so
/// is the byte order mark.
final class Utf8 {

    private int partial;
    private int missing;
    private int least;

    /// Whether no character is half read.
    boolean whole() {
        return missing == 0;
    }

    /// Takes one byte, 0 to 255.
    ///
    /// @return the code point that it completes, or -1
    int next(int b) {
        if (missing > 0) {
            if ((b & 0xc0) == 0x80) {
                partial = partial << 6 | b & 0x3f;
                return --missing == 0 && valid(partial) ? partial : -1;
            }
            missing = 0;
        }
        if (b < 0x80) {
            return b;
        } else if ((b & 0xe0) == 0xc0) {
            begin(b & 0x1f, 1, 0x80);
        } else if ((b & 0xf0) == 0xe0) {
            begin(b & 0x0f, 2, 0x800);
        } else if ((b & 0xf8) == 0xf0) {
            begin(b & 0x07, 3, 0x10000);
        }
        return -1;
    }

    private void begin(int bits, int more, int smallest) {
        partial = bits;
        missing = more;
        least = smallest;
    }

    private boolean valid(int code) {
        return code >= least
                && code <= Character.MAX_CODE_POINT
                && !(code >= 0xd800 && code <= 0xdfff)
                && code != 0xfeff;
    }
}
