package dev.tendril.worker.terminal.screen;

/// Erasing, and moving what stands on the screen: lines and columns in and out.
final class Eraser {

    private final Screen s;

    Eraser(Screen screen) {
        this.s = screen;
    }

    void eraseDisplay(int what, boolean guarded) {
        s.cursor.restrict(s.columns);
        Buffer b = s.active;
        switch (what) {
            case 0 -> {
                eraseCells(b.y, b.x, s.columns, b.x == 0, guarded);
                for (int y = b.y + 1; y < s.rows; y++) {
                    eraseCells(y, 0, s.columns, true, guarded);
                }
            }
            case 1 -> {
                eraseCells(b.y, 0, b.x + 1, true, guarded);
                if (b.x + 1 >= s.columns && b.y + 1 < s.rows) {
                    b.row(b.y + 1).wrapped(false);
                }
                for (int y = 0; y < b.y; y++) {
                    eraseCells(y, 0, s.columns, true, guarded);
                }
            }
            case 2 -> {
                for (int y = 0; y < s.rows; y++) {
                    eraseCells(y, 0, s.columns, true, guarded);
                }
            }
            case 3 -> b.dropScrollback();
            default -> {}
        }
    }

    void eraseLine(int what, boolean guarded) {
        s.cursor.restrict(s.columns);
        Buffer b = s.active;
        switch (what) {
            case 0 -> eraseCells(b.y, b.x, s.columns, b.x == 0, guarded);
            case 1 -> eraseCells(b.y, 0, b.x + 1, false, guarded);
            case 2 -> eraseCells(b.y, 0, s.columns, true, guarded);
            default -> {}
        }
    }

    void eraseCells(int y, int from, int to, boolean unwrap, boolean guarded) {
        Line line = s.active.row(y);
        if (guarded) {
            line.eraseUnprotected(from, to, s.style.erased());
        } else {
            line.erase(from, to, s.style.erased());
        }
        if (unwrap) {
            line.wrapped(false);
        }
    }

    boolean outsideRegion() {
        return s.active.y > s.active.bottom || s.active.y < s.active.top;
    }

    void insertLines(int count) {
        s.cursor.restrict(s.columns - 1);
        if (!outsideRegion()) {
            int most = Math.min(count, s.active.bottom - s.active.y + 1);
            s.active.rotate(s.active.bottom, s.active.y, most, s.style.erased());
            s.active.x = 0;
        }
    }

    void deleteLines(int count) {
        s.cursor.restrict(s.columns - 1);
        if (!outsideRegion()) {
            int most = Math.min(count, s.active.bottom - s.active.y + 1);
            s.active.rotate(s.active.y, s.active.bottom, most, s.style.erased());
            s.active.x = 0;
        }
    }

    void shiftColumns(int at, int count, boolean in) {
        if (outsideRegion()) {
            return;
        }
        for (int y = s.active.top; y <= s.active.bottom; y++) {
            Line line = s.active.row(y);
            if (in) {
                line.insert(at, count, s.style.erased());
            } else {
                line.delete(at, count, s.style.erased());
            }
            line.wrapped(false);
        }
    }

    void alignment() {
        s.cursor.moveTo(0, 0);
        Style plain = s.style.shown().withLink(null).withUnderlineColor(0);
        for (int y = 0; y + s.active.y < s.rows; y++) {
            Line line = s.active.row(s.active.y + y);
            line.fill('E', plain);
            line.wrapped(false);
        }
        s.cursor.moveTo(0, 0);
    }
}
