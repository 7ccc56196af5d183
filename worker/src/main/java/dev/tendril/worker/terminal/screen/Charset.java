package dev.tendril.worker.terminal.screen;

/// A set of printable characters that a program may select.
enum Charset {
    US('B'),
    /// DEC Special Graphics: lines and corners.
    DRAWING('0'),
    UK('A');

    private static final String GRAPHICS = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

    private final char code;

    Charset(char code) {
        this.code = code;
    }

    /// The final character of its designation.
    char code() {
        return code;
    }

    static Charset of(int code) {
        return code == '0' ? DRAWING : code == 'A' ? UK : US;
    }

    int map(int codePoint) {
        return switch (this) {
            case US -> codePoint;
            case DRAWING ->
                    codePoint >= 0x60 && codePoint < 0x7f
                            ? GRAPHICS.charAt(codePoint - 0x60)
                            : codePoint;
            case UK -> codePoint == '#' ? '£' : codePoint;
        };
    }
}
