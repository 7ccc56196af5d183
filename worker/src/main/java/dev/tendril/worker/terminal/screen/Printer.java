package dev.tendril.worker.terminal.screen;

/// Puts characters into cells: widths, combining characters, wrapping, insert mode.
final class Printer {

    private static final int MAX_REPEAT = 0xffff;

    /// Lone joiners push the cursor past the edge, each by one column, as in xterm.js; but not on
    /// and on.
    private static final int MAX_BEYOND = 16;

    private final Screen s;

    /// Width of the character before, 0 after anything else.
    private int preceding;

    /// Whether characters have come since the last sequence or control.
    private boolean running;

    Printer(Screen screen) {
        this.s = screen;
    }

    int preceding() {
        return preceding;
    }

    /// The next character joins nothing before it.
    void joinNothing() {
        preceding = 0;
    }

    void print(int code) {
        Style style = s.style.shown();
        Buffer b = s.active;
        Line line = b.current();
        if (!running && b.x > 0 && line.width(b.x - 1) == 2) {
            line.clear(b.x - 1, style);
        }
        running = true;
        int mapped = code < 127 ? s.charsets.current.map(code) : code;
        int width = CharWidth.of(mapped);
        boolean joins = width == 0 && preceding > 0;
        int old = joins ? preceding : 0;
        width = Math.max(width, old);
        preceding = width;
        if (b.x + width - old > s.columns) {
            if (s.modes.wraparound) {
                line = wrap(line);
            } else {
                b.x = s.columns - 1;
                if (width == 2) {
                    return;
                }
            }
        }
        if (joins && b.x > 0) {
            int back = line.width(b.x - 1) > 0 ? 1 : 2;
            line.combine(b.x - back, mapped, width);
        } else {
            if (s.modes.insert) {
                line.insert(b.x, width, style);
                if (line.width(s.columns - 1) == 2) {
                    line.clear(s.columns - 1, style);
                }
            }
            line.set(b.x++, mapped, width, style);
            if (width == 2) {
                line.set(b.x++, 0, 0, style);
            }
            b.x = Math.min(b.x, s.columns + MAX_BEYOND);
        }
    }

    /// After the last character of a run: half a wide character to the right is no character.
    void endRun() {
        if (running) {
            running = false;
            Line line = s.active.current();
            if (s.active.x < s.columns
                    && line.width(s.active.x) == 0
                    && !line.hasContent(s.active.x)) {
                line.clear(s.active.x, s.style.shown());
            }
        }
    }

    Line wrap(Line line) {
        Buffer b = s.active;
        int from = b.x;
        b.x = 0;
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(s.style.erased(), true);
        } else {
            b.y = Math.min(b.y, s.rows - 1);
            b.current().wrapped(true);
        }
        for (int x = from; x < s.columns; x++) {
            line.clear(x, s.style.shown());
        }
        return b.current();
    }

    void repeat(int count, int width) {
        if (width == 0) {
            return;
        }
        Line line = s.active.current();
        int x = s.active.x - width;
        if (!line.hasContent(x)) {
            return;
        }
        int[] text = line.text(x).codePoints().toArray();
        for (int i = 0; i < Math.min(count, MAX_REPEAT); i++) {
            for (int code : text) {
                print(code);
            }
        }
    }
}
