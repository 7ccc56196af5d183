package dev.tendril.worker.terminal.screen;

/// Where the cursor goes: movement within the scroll region and margins, line feeds that scroll,
/// saving and restoring.
final class Cursor {

    private final Screen s;

    Cursor(Screen screen) {
        this.s = screen;
    }

    void restrict(int lastColumn) {
        Buffer b = s.active;
        b.x = Math.clamp(b.x, 0, lastColumn);
        b.y = s.modes.origin ? Math.clamp(b.y, b.top, b.bottom) : Math.clamp(b.y, 0, s.rows - 1);
    }

    void moveTo(long x, long y) {
        Buffer b = s.active;
        b.x = Math.clamp(x, 0, s.columns - 1);
        b.y = Math.clamp(s.modes.origin ? b.top + y : y, -1, s.rows);
        restrict(s.columns - 1);
    }

    void moveBy(long x, long y) {
        restrict(s.columns - 1);
        // Under origin mode this is relative to the region, as in xterm.js.
        moveTo(s.active.x + x, s.active.y + y);
    }

    void up(int count) {
        int room = s.active.y - s.active.top;
        moveBy(0, -(long) (room >= 0 ? Math.min(room, count) : count));
    }

    void down(int count) {
        int room = s.active.bottom - s.active.y;
        moveBy(0, room >= 0 ? Math.min(room, count) : count);
    }

    void lineFeed() {
        Buffer b = s.active;
        if (s.modes.newline) {
            b.x = 0;
        }
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(s.style.erased(), false);
        } else if (b.y >= s.rows) {
            b.y = s.rows - 1;
        } else {
            b.current().wrapped(false);
        }
        if (b.x >= s.columns) {
            b.x--;
        }
    }

    void index() {
        restrict(s.columns - 1);
        Buffer b = s.active;
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(s.style.erased(), false);
        }
        restrict(s.columns - 1);
    }

    void reverseIndex() {
        restrict(s.columns - 1);
        Buffer b = s.active;
        if (b.y == b.top) {
            b.rotate(b.bottom, b.top, 1, s.style.erased());
        } else {
            b.y--;
            restrict(s.columns - 1);
        }
    }

    void backspace() {
        Buffer b = s.active;
        if (!s.modes.reverseWraparound) {
            restrict(s.columns - 1);
            b.x = Math.max(0, b.x - 1);
            return;
        }
        restrict(s.columns);
        if (b.x > 0) {
            b.x--;
        } else if (b.y > b.top && b.y <= b.bottom && b.current().wrapped()) {
            b.current().wrapped(false);
            b.y--;
            b.x = s.columns - 1;
            Line line = b.current();
            if (line.width(b.x) > 0 && !line.hasContent(b.x)) {
                b.x--;
            }
        }
        restrict(s.columns - 1);
    }

    void save() {
        Buffer b = s.active;
        b.savedX = b.x;
        b.savedRow = b.scrollback() + b.y;
        b.savedStyle = s.style;
        b.savedCharset = s.charsets.current;
    }

    void restore() {
        Buffer b = s.active;
        b.x = b.savedX;
        b.y = Math.max(0, b.savedRow - b.scrollback());
        s.style = s.style.restored(b.savedStyle);
        s.charsets.current = b.savedCharset;
        restrict(s.columns - 1);
    }

    void region(int top, int bottom) {
        int last = bottom == 0 || bottom > s.rows ? s.rows : bottom;
        if (last > top) {
            s.active.top = top - 1;
            s.active.bottom = last - 1;
            moveTo(0, 0);
        }
    }
}
