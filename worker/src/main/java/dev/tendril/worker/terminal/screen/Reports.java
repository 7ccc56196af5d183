package dev.tendril.worker.terminal.screen;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What the program asks and the terminal answers: attributes, position, modes, settings.
final class Reports {

    private static final int MAX_ANSWERS = 16 << 10;

    private final Screen s;
    private final StringBuilder answers = new StringBuilder();

    Reports(Screen screen) {
        this.s = screen;
    }

    byte[] take() {
        byte[] taken = answers.toString().getBytes(StandardCharsets.UTF_8);
        answers.setLength(0);
        return taken;
    }

    void answer(String text) {
        if (answers.length() + text.length() <= MAX_ANSWERS) {
            answers.append(text);
        }
    }

    /// DECRQM's value: 0 unknown, 1 set, 2 reset, 3 always set, 4 always reset.
    int privateModeState(int mode) {
        return switch (mode) {
            case 1 -> state(s.modes.cursorKeys);
            case 6 -> state(s.modes.origin);
            case 7 -> state(s.modes.wraparound);
            case 8, 1048 -> mode == 8 ? 3 : 1;
            case 9 -> state(s.modes.mouse == Modes.Mouse.X10);
            case 25 -> state(!s.modes.cursorHidden);
            case 45 -> state(s.modes.reverseWraparound);
            case 47, 1047, 1049 -> state(s.active == s.alternate);
            case 66 -> state(s.modes.keypad);
            case 67, 1005, 1015 -> 4;
            case 1000 -> state(s.modes.mouse == Modes.Mouse.VT200);
            case 1002 -> state(s.modes.mouse == Modes.Mouse.DRAG);
            case 1003 -> state(s.modes.mouse == Modes.Mouse.ANY);
            case 1004 -> state(s.modes.focus);
            case 1006 -> state(s.modes.mouseEncoding == Modes.MouseEncoding.SGR);
            case 1016 -> state(s.modes.mouseEncoding == Modes.MouseEncoding.SGR_PIXELS);
            case 2004 -> state(s.modes.bracketedPaste);
            case 2026 -> state(s.modes.synchronizedOutput);
            default -> 0;
        };
    }

    static int state(boolean set) {
        return set ? 1 : 2;
    }

    String position() {
        return (s.active.y + 1) + ";" + Math.min(s.columns, s.active.x + 1);
    }

    void status(int collected, int last, String payload) {
        if (collected != '$' || last != 'q') {
            return;
        }
        @Nullable String status =
                switch (payload) {
                    case "\"q" -> ((s.style.flags() & Style.PROTECTED) != 0 ? 1 : 0) + "\"q";
                    case "\"p" -> "61;1\"p";
                    case "r" -> (s.active.top + 1) + ";" + (s.active.bottom + 1) + "r";
                    case "m" -> "0m";
                    case " q" -> Math.max(1, s.modes.cursorStyle) + " q";
                    default -> null;
                };
        answer(status == null ? "\u001bP0$r\u001b\\" : "\u001bP1$r" + status + "\u001b\\");
    }
}
