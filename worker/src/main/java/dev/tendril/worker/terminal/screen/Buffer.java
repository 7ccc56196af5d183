package dev.tendril.worker.terminal.screen;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/// The normal or the alternate screen: rows, scrollback above them, cursor, scroll region and tabs.
/// The cursor's column may equal the number of columns: then the next character wraps.
final class Buffer {

    private static final int TAB = 8;

    int columns;
    int rows;
    private final int kept;
    private final Rows lines;
    BitSet tabs = new BitSet();
    int x;
    int y;
    int top;
    int bottom;
    int savedX;

    /// Counted from the first line of the scrollback.
    int savedRow;

    Style savedStyle = Style.DEFAULT;
    Charset savedCharset = Charset.US;

    Buffer(int columns, int rows, int scrollback) {
        this.columns = columns;
        this.rows = rows;
        this.kept = scrollback;
        this.lines = new Rows();
        reset(Style.DEFAULT);
    }

    /// Empties everything but the saved cursor.
    void reset(Style style) {
        lines.clear();
        for (int i = 0; i < rows; i++) {
            lines.add(rows, new Line(columns, style));
        }
        x = 0;
        y = 0;
        top = 0;
        bottom = rows - 1;
        tabs = new BitSet();
        for (int i = 0; i < columns; i += TAB) {
            tabs.set(i);
        }
    }

    /// Lines above the screen.
    int scrollback() {
        return lines.size() - rows;
    }

    /// A row of the screen; negative rows are scrollback.
    Line row(int row) {
        return lines.get(scrollback() + row);
    }

    Line current() {
        return row(y);
    }

    /// Moves the region up by one; what leaves the top of the screen becomes scrollback.
    void scroll(Style style, boolean wrapped) {
        Line line = new Line(columns, style);
        line.wrapped(wrapped);
        int last = scrollback() + bottom;
        if (top == 0) {
            lines.add(last + 1, line);
            if (lines.size() > rows + kept) {
                lines.removeFirst();
            }
        } else {
            lines.remove(scrollback() + top);
            lines.add(last, line);
        }
    }

    /// Takes `count` lines out at one row of the screen and puts blank ones in at another.
    void rotate(int out, int in, int count, Style style) {
        int base = scrollback();
        for (int i = 0; i < Math.min(count, bottom - top + 1); i++) {
            lines.remove(base + out);
            lines.add(base + in, new Line(columns, style));
        }
    }

    void dropScrollback() {
        while (scrollback() > 0) {
            lines.removeFirst();
        }
    }

    /// Cuts or pads lines. Rows are taken from below the cursor first, then from the top, which
    /// becomes scrollback; added rows come out of the scrollback, as far as there is any. The
    /// scroll region is the whole screen again.
    void resize(int newColumns, int newRows) {
        for (int i = 0; i < lines.size(); i++) {
            lines.get(i).resize(newColumns);
        }
        for (int x = (columns + TAB - 1) / TAB * TAB; x < newColumns; x += TAB) {
            tabs.set(x);
        }
        columns = newColumns;
        while (rows > newRows) {
            if (y < rows - 1) {
                lines.remove(lines.size() - 1);
            } else {
                y--;
            }
            rows--;
        }
        while (rows < newRows) {
            if (scrollback() > 0) {
                y++;
            } else {
                lines.add(lines.size(), new Line(columns, Style.DEFAULT));
            }
            rows++;
        }
        while (lines.size() > rows + kept) {
            lines.removeFirst();
        }
        x = Math.min(x, columns);
        y = Math.clamp(y, 0, rows - 1);
        savedX = Math.min(savedX, columns - 1);
        top = 0;
        bottom = rows - 1;
    }

    int nextTab() {
        int next = tabs.nextSetBit(x + 1);
        return next < 0 || next >= columns ? columns - 1 : next;
    }

    int previousTab() {
        return x <= 0 ? 0 : Math.max(0, Math.min(columns - 1, tabs.previousSetBit(x - 1)));
    }

    /// A list that drops its head cheaply: scrollback loses a line for each one that scrolls.
    private static final class Rows {
        private List<Line> items = new ArrayList<>();
        private int head;

        int size() {
            return items.size() - head;
        }

        Line get(int index) {
            return items.get(head + Objects.checkIndex(index, size()));
        }

        void add(int index, Line line) {
            items.add(Math.min(items.size(), head + index), line);
        }

        void remove(int index) {
            items.remove(head + index);
        }

        void removeFirst() {
            head++;
            if (head > 256 && head > items.size() / 4) {
                items = new ArrayList<>(items.subList(head, items.size()));
                head = 0;
            }
        }

        void clear() {
            items = new ArrayList<>();
            head = 0;
        }
    }
}
