package dev.tendril.worker.terminal.screen;

import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes a screen as the sequence that rebuilds it in a fresh xterm.js of the same size.
///
/// The order is: reset, the normal screen from the oldest line on, its saved cursor, tabs and
/// region; the same for the alternate screen if it is shown; then pen, cursor, character sets and
/// modes, insert mode last. Empty cells are skipped, not written as blanks, so that they are empty
/// there too. An empty cell with more than a background (what a wide character leaves behind at the
/// end of a row) becomes a blank with that style.
final class Snapshot {

    private final Screen screen;
    private final StringBuilder out = new StringBuilder();
    private Style pen = Style.DEFAULT;

    Snapshot(Screen screen) {
        this.screen = screen;
    }

    String write() {
        out.append("\u001bc");
        Buffer normal = screen.normal;
        lines(normal);
        if (screen.active == screen.alternate) {
            edges(normal);
            out.append("\u001b[?47h");
            lines(screen.alternate);
        }
        edges(screen.active);
        if (screen.modes.origin) {
            out.append("\u001b[?6h");
        }
        cursor(screen.active, screen.active.x, screen.active.y, screen.modes.origin);
        pen(screen.style.shown());
        charsets();
        modes();
        if (!screen.title().isEmpty()) {
            out.append("\u001b]2;").append(screen.title()).append("\u001b\\");
        }
        return out.toString();
    }

    private void lines(Buffer b) {
        out.append("\u001b[H");
        int first = -b.scrollback();
        for (int y = first; y < b.rows; y++) {
            Line line = b.row(y);
            Line above = y > first ? b.row(y - 1) : line;
            if (y > first) {
                if (line.wrapped()) {
                    wrap(above, line);
                } else {
                    pen(Style.DEFAULT);
                    out.append("\r\n");
                    cells(line, 0);
                }
            } else {
                cells(line, 0);
            }
        }
        pen(Style.DEFAULT);
    }

    /// Continues a row that is full, so that the next character wraps by itself. Where the row's
    /// last cell is empty, it is filled for the moment and emptied again from the next row.
    private void wrap(Line above, Line line) {
        int last = above.columns() - 1;
        boolean wide = above.width(last) == 0 && above.hasContent(last - 1);
        boolean full = above.hasContent(last) || wide;
        if (!full) {
            out.append("\u001b[").append(last + 1).append('G');
            pen(Style.DEFAULT);
            out.append(' ');
        }
        // Any character wraps; it is taken away again, like the one that filled the row.
        if (full) {
            int at = wide && !above.hasContent(last) ? last - 1 : last;
            out.append("\u001b[").append(at + 1).append('G');
            cell(above, at);
        }
        pen(Style.DEFAULT);
        out.append(' ');
        if (!full) {
            out.append("\u001b[A\u001b[").append(last + 1).append('G');
            empty(above, last, 1);
            out.append("\u001b[B");
        }
        out.append("\r");
        pen(Style.DEFAULT);
        out.append("\u001b[X");
        cells(line, 0);
    }

    private void cells(Line line, int from) {
        int end = line.used();
        int x = from;
        while (x < end) {
            if (line.hasContent(x)) {
                cell(line, x);
                x += Math.max(1, line.width(x));
            } else {
                int run = 1;
                while (x + run < end
                        && !line.hasContent(x + run)
                        && line.style(x + run).equals(line.style(x))) {
                    run++;
                }
                empty(line, x, run);
                x += run;
            }
        }
    }

    private void cell(Line line, int x) {
        pen(line.style(x));
        String text = line.text(x);
        if (CharWidth.of(text.codePointAt(0)) == 0) {
            // Joins nothing: a control in between keeps it in a cell of its own.
            out.append('\0');
        }
        out.append(text);
    }

    private void empty(Line line, int x, int run) {
        Style style = line.style(x);
        if (style.equals(style.erased())) {
            if (style.bg() != 0) {
                pen(style);
                out.append("\u001b[").append(run).append('X');
            } else if (x + run <= line.columns() && x == line.columns() - 1) {
                pen(Style.DEFAULT);
                out.append("\u001b[X");
            }
            out.append("\u001b[").append(run).append('C');
        } else {
            pen(style);
            out.repeat(' ', run);
        }
    }

    /// What belongs to a buffer beside its cells. Moves the cursor.
    private void edges(Buffer b) {
        BitSet standard = new BitSet();
        for (int x = 0; x < b.columns; x += 8) {
            standard.set(x);
        }
        if (!standard.equals(b.tabs)) {
            out.append("\u001b[3g");
            b.tabs.stream()
                    .filter(x -> x < b.columns)
                    .forEach(x -> out.append("\u001b[").append(x + 1).append("G\u001bH"));
        }
        cursor(b, b.savedX, Math.max(0, b.savedRow - b.scrollback()), false);
        pen(b.savedStyle.shown().withLink(null));
        if (b.savedCharset != Charset.US) {
            out.append("\u001b(").append(b.savedCharset.code());
        }
        out.append("\u001b7");
        if (b.savedCharset != Charset.US) {
            out.append("\u001b(B");
        }
        pen(Style.DEFAULT);
        if (b.top != 0 || b.bottom != b.rows - 1) {
            out.append("\u001b[").append(b.top + 1).append(';').append(b.bottom + 1).append('r');
        }
    }

    /// Moves the cursor; beyond the last column by writing the row's last character again.
    private void cursor(Buffer b, int x, int y, boolean relative) {
        int row = Math.min(y, b.rows - 1) - (relative ? b.top : 0) + 1;
        int column = Math.min(x, b.columns - 1);
        Line line = b.row(Math.min(y, b.rows - 1));
        boolean pending = x >= b.columns;
        if (pending && line.width(column) == 0 && !line.hasContent(column) && column > 0) {
            column--;
        }
        out.append("\u001b[").append(row).append(';').append(column + 1).append('H');
        if (pending) {
            if (line.hasContent(column)) {
                cell(line, column);
            } else {
                pen(line.style(column));
                out.append(' ');
            }
            // A lone joiner at the edge takes the cursor further still, in xterm.js too.
            for (int i = b.columns; i < x; i++) {
                out.append("\0\u200d");
            }
        }
    }

    private void charsets() {
        char[] designators = {'(', ')', '*', '+'};
        for (int i = 0; i < designators.length; i++) {
            if (screen.charsets.sets[i] != Charset.US) {
                out.append('\u001b').append(designators[i]).append(screen.charsets.sets[i].code());
            }
        }
        switch (screen.charsets.shift) {
            case 1 -> out.append('\u000e');
            case 2 -> out.append("\u001bn");
            case 3 -> out.append("\u001bo");
            default -> {}
        }
    }

    private void modes() {
        mode(screen.modes.cursorKeys, "?1");
        mode(screen.modes.keypad, "?66");
        mode(screen.modes.reverseWraparound, "?45");
        mode(screen.modes.focus, "?1004");
        mode(screen.modes.bracketedPaste, "?2004");
        if (screen.modes.mouse != Modes.Mouse.NONE) {
            mode(true, "?" + screen.modes.mouse.mode);
        }
        if (screen.modes.mouseEncoding != Modes.MouseEncoding.DEFAULT) {
            mode(true, "?" + screen.modes.mouseEncoding.mode);
        }
        mode(screen.modes.newline, "20");
        if (screen.modes.cursorHidden) {
            out.append("\u001b[?25l");
        }
        if (screen.modes.cursorStyle > 0) {
            out.append("\u001b[").append(screen.modes.cursorStyle).append(" q");
        }
        if (!screen.modes.wraparound) {
            out.append("\u001b[?7l");
        }
        mode(screen.modes.insert, "4");
        mode(screen.modes.synchronizedOutput, "?2026");
    }

    private void mode(boolean on, String mode) {
        if (on) {
            out.append("\u001b[").append(mode).append('h');
        }
    }

    private void pen(Style style) {
        if (!style.equals(pen)) {
            if (!Objects.equals(style.link(), pen.link())) {
                link(style.link());
            }
            out.append(Sgr.of(style));
            pen = style;
        }
    }

    private void link(@Nullable String link) {
        out.append("\u001b]8;").append(link == null ? ";" : link).append("\u001b\\");
    }
}
