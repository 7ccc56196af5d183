package dev.tendril.worker.terminal.screen;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One row of cells. A wide character takes a cell of width 2 and an empty one of width 0; a cell
/// with text of several code points keeps it aside. An empty cell has code 0 and width 1.
final class Line {

    /// Code points per cell; more combining characters are dropped, or one cell could grow for
    /// ever.
    private static final int MAX_TEXT = 64;

    private static final int ASIDE = -1;

    private int[] codes;
    private byte[] widths;
    private Style[] styles;
    private @Nullable Map<Integer, String> texts;
    private boolean wrapped;

    Line(int columns, Style style) {
        codes = new int[columns];
        widths = new byte[columns];
        styles = new Style[columns];
        Arrays.fill(widths, (byte) 1);
        Arrays.fill(styles, style);
    }

    int columns() {
        return codes.length;
    }

    /// Cuts the row, or pads it with empty cells. Half a wide character at the cut is no character.
    void resize(int columns) {
        int old = codes.length;
        if (columns == old) {
            return;
        }
        codes = Arrays.copyOf(codes, columns);
        widths = Arrays.copyOf(widths, columns);
        styles = Arrays.copyOf(styles, columns);
        for (int x = old; x < columns; x++) {
            clear(x, Style.DEFAULT);
        }
        if (columns < old && widths[columns - 1] == 2) {
            clear(columns - 1, Style.DEFAULT);
        }
        if (texts != null) {
            texts.keySet().removeIf(x -> x >= columns);
        }
    }

    /// Whether the row continues the one above.
    boolean wrapped() {
        return wrapped;
    }

    void wrapped(boolean continues) {
        wrapped = continues;
    }

    int width(int x) {
        return x >= 0 && x < codes.length ? widths[x] : 0;
    }

    Style style(int x) {
        return styles[x];
    }

    boolean hasContent(int x) {
        return x >= 0 && x < codes.length && codes[x] != 0;
    }

    /// The cell's text, empty for an empty cell and for the second half of a wide one.
    String text(int x) {
        if (x < 0 || x >= codes.length || codes[x] == 0) {
            return "";
        }
        String aside = codes[x] == ASIDE && texts != null ? texts.get(x) : null;
        return aside != null ? aside : Character.toString(codes[x]);
    }

    /// Beyond the last column nothing happens.
    void set(int x, int code, int width, Style style) {
        if (x < 0 || x >= codes.length) {
            return;
        }
        codes[x] = code;
        widths[x] = (byte) width;
        styles[x] = style;
    }

    void clear(int x, Style style) {
        set(x, 0, 1, style);
    }

    /// Adds a combining character to a cell.
    void combine(int x, int code, int width) {
        if (x < 0 || x >= codes.length) {
            return;
        }
        if (codes[x] == 0) {
            codes[x] = code;
            widths[x] = 1;
        } else {
            String text = text(x);
            if (text.codePointCount(0, text.length()) < MAX_TEXT) {
                if (texts == null) {
                    texts = new HashMap<>();
                }
                texts.put(x, text + Character.toString(code));
                codes[x] = ASIDE;
            }
        }
        if (width > 0) {
            widths[x] = (byte) width;
        }
    }

    void fill(Style style) {
        for (int x = 0; x < codes.length; x++) {
            clear(x, style);
        }
        texts = null;
    }

    void fill(int code, Style style) {
        for (int x = 0; x < codes.length; x++) {
            set(x, code, 1, style);
        }
        texts = null;
    }

    void insert(int at, int count, Style style) {
        int from = at % codes.length;
        if (from > 0 && widths[from - 1] == 2) {
            clear(from - 1, style);
        }
        int kept = codes.length - from - count;
        for (int i = kept - 1; i >= 0; i--) {
            copy(from + i, from + count + i);
        }
        for (int x = from; x < Math.min(codes.length, (long) from + count); x++) {
            clear(x, style);
        }
        if (widths[codes.length - 1] == 2) {
            clear(codes.length - 1, style);
        }
    }

    void delete(int at, int count, Style style) {
        int from = at % codes.length;
        int kept = Math.max(0, codes.length - from - count);
        for (int i = 0; i < kept; i++) {
            copy(from + count + i, from + i);
        }
        for (int x = from + kept; x < codes.length; x++) {
            clear(x, style);
        }
        if (from > 0 && widths[from - 1] == 2) {
            clear(from - 1, style);
        }
        if (widths[from] == 0 && !hasContent(from)) {
            clear(from, style);
        }
    }

    void erase(int from, int to, Style style) {
        if (from > 0 && width(from - 1) == 2) {
            clear(from - 1, style);
        }
        if (to < codes.length && width(to - 1) == 2) {
            clear(to, style);
        }
        for (int x = from; x < Math.min(to, codes.length); x++) {
            clear(x, style);
        }
    }

    /// Erases what DECSCA did not protect.
    void eraseUnprotected(int from, int to, Style style) {
        if (from > 0 && width(from - 1) == 2 && !isProtected(from - 1)) {
            clear(from - 1, style);
        }
        if (to < codes.length && width(to - 1) == 2 && !isProtected(to)) {
            clear(to, style);
        }
        for (int x = from; x < Math.min(to, codes.length); x++) {
            if (!isProtected(x)) {
                clear(x, style);
            }
        }
    }

    /// Cells up to the last one that is not empty and plain.
    int used() {
        int end = codes.length;
        while (end > 0
                && codes[end - 1] == 0
                && widths[end - 1] == 1
                && styles[end - 1].equals(Style.DEFAULT)) {
            end--;
        }
        return end;
    }

    private boolean isProtected(int x) {
        return (styles[x].flags() & Style.PROTECTED) != 0;
    }

    private void copy(int from, int to) {
        if (codes[from] == ASIDE && texts != null) {
            String text = texts.get(from);
            if (text != null) {
                texts.put(to, text);
            }
        }
        codes[to] = codes[from];
        widths[to] = widths[from];
        styles[to] = styles[from];
    }
}
