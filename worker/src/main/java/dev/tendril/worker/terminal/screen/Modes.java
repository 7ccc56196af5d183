package dev.tendril.worker.terminal.screen;

/// What programs switch on and off.
final class Modes {

    enum Mouse {
        NONE(0),
        X10(9),
        VT200(1000),
        DRAG(1002),
        ANY(1003);

        final int mode;

        Mouse(int mode) {
            this.mode = mode;
        }
    }

    enum MouseEncoding {
        DEFAULT(0),
        SGR(1006),
        SGR_PIXELS(1016);

        final int mode;

        MouseEncoding(int mode) {
            this.mode = mode;
        }
    }

    boolean insert;
    boolean newline;
    boolean cursorKeys;
    boolean keypad;
    boolean origin;
    boolean wraparound = true;
    boolean reverseWraparound;
    boolean focus;
    boolean bracketedPaste;
    boolean synchronizedOutput;
    boolean cursorHidden;
    int cursorStyle;
    Mouse mouse = Mouse.NONE;
    MouseEncoding mouseEncoding = MouseEncoding.DEFAULT;

    /// What a soft reset changes; the mouse stays.
    void softReset() {
        insert = false;
        cursorKeys = false;
        keypad = false;
        bracketedPaste = false;
        cursorStyle = 0;
        origin = false;
        reverseWraparound = false;
        focus = false;
        synchronizedOutput = false;
        wraparound = true;
        cursorHidden = false;
    }

    void reset() {
        softReset();
        mouse = Mouse.NONE;
        mouseEncoding = MouseEncoding.DEFAULT;
    }
}
