package dev.tendril.worker.terminal.screen;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The headless screen of one terminal session.
///
/// [#write] takes the program's output, [#takeAnswers] gives what must be typed back to it, and
/// [#snapshot] the sequence that brings a fresh xterm.js of the same size to the same state.
public final class Screen {

    private static final int MAX_ANSWERS = 16 << 10;
    private static final int MAX_TITLE = 1024;
    private static final int MAX_LINK = 4096;
    private static final int MAX_REPEAT = 0xffff;

    /// Lone joiners push the cursor past the edge, each by one column, as in xterm.js; but not on
    /// and on.
    private static final int MAX_BEYOND = 16;

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

    final int columns;
    final int rows;
    final Buffer normal;
    final Buffer alternate;
    Buffer active;
    Style style = Style.DEFAULT;
    final Charset[] sets = new Charset[4];
    int shift;
    Charset charset = Charset.US;
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
    private String title = "";
    private int preceding;
    private boolean running;
    private final StringBuilder answers = new StringBuilder();
    private final Parser parser = new Parser(new Sequences());

    /// An empty screen.
    ///
    /// @param columns 2 to 500
    /// @param rows 2 to 300
    /// @param scrollback lines kept above the screen, 0 to 100,000
    public Screen(int columns, int rows, int scrollback) {
        if (columns < 2 || columns > 500 || rows < 2 || rows > 300) {
            throw new IllegalArgumentException("a screen of " + columns + " x " + rows);
        }
        if (scrollback < 0 || scrollback > 100_000) {
            throw new IllegalArgumentException("scrollback of " + scrollback);
        }
        this.columns = columns;
        this.rows = rows;
        normal = new Buffer(columns, rows, scrollback);
        alternate = new Buffer(columns, rows, 0);
        active = normal;
        Arrays.fill(sets, Charset.US);
    }

    /// Takes output of the program; sequences and characters may be cut anywhere.
    public void write(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        parser.write(bytes, offset, length);
        endRun();
    }

    /// What the program asked for since the last call: bytes to write to the PTY. At most 16 KiB
    /// are kept; beyond that questions stay unanswered.
    public byte[] takeAnswers() {
        byte[] taken = answers.toString().getBytes(StandardCharsets.UTF_8);
        answers.setLength(0);
        return taken;
    }

    /// The title that the program set, at most 1,024 characters, empty before.
    public String title() {
        return title;
    }

    /// Whether no sequence or character is half read: only then [#snapshot] is exact.
    public boolean atGround() {
        return parser.atGround();
    }

    /// Whether the alternate screen is shown.
    public boolean onAlternate() {
        return active == alternate;
    }

    /// The cursor's column from 0; the number of columns when the next character wraps.
    public int cursorColumn() {
        return active.x;
    }

    /// The cursor's row from 0.
    public int cursorRow() {
        return active.y;
    }

    /// Lines above the screen.
    public int scrollback() {
        return active.scrollback();
    }

    /// The text of a row without trailing blanks; negative rows are scrollback.
    ///
    /// @throws IndexOutOfBoundsException beyond either end
    public String text(int row) {
        Line line = active.row(row);
        StringBuilder text = new StringBuilder();
        for (int x = 0; x < columns; x += Math.max(1, line.width(x))) {
            text.append(line.hasContent(x) ? line.text(x) : " ");
        }
        return text.toString().stripTrailing();
    }

    /// The sequence that brings a fresh xterm.js of this size to this state.
    public String snapshot() {
        return new Snapshot(this).write();
    }

    Line row(Buffer buffer, int row) {
        return buffer.row(row);
    }

    private void answer(String text) {
        if (answers.length() + text.length() <= MAX_ANSWERS) {
            answers.append(text);
        }
    }

    // ---- characters

    private void print(int code) {
        Buffer b = active;
        Line line = b.current();
        if (!running && b.x > 0 && line.width(b.x - 1) == 2) {
            line.clear(b.x - 1, style);
        }
        running = true;
        int mapped = code < 127 ? charset.map(code) : code;
        int width = CharWidth.of(mapped);
        boolean joins = width == 0 && preceding > 0;
        int old = joins ? preceding : 0;
        width = Math.max(width, old);
        preceding = width;
        if (b.x + width - old > columns) {
            if (wraparound) {
                line = wrap(line);
            } else {
                b.x = columns - 1;
                if (width == 2) {
                    return;
                }
            }
        }
        if (joins && b.x > 0) {
            int back = line.width(b.x - 1) > 0 ? 1 : 2;
            line.combine(b.x - back, mapped, width);
        } else {
            if (insert) {
                line.insert(b.x, width, style);
                if (line.width(columns - 1) == 2) {
                    line.clear(columns - 1, style);
                }
            }
            line.set(b.x++, mapped, width, style);
            if (width == 2) {
                line.set(b.x++, 0, 0, style);
            }
            b.x = Math.min(b.x, columns + MAX_BEYOND);
        }
    }

    /// After the last character of a run: half a wide character to the right is no character.
    private void endRun() {
        if (running) {
            running = false;
            Line line = active.current();
            if (active.x < columns && line.width(active.x) == 0 && !line.hasContent(active.x)) {
                line.clear(active.x, style);
            }
        }
    }

    private Line wrap(Line line) {
        Buffer b = active;
        int from = b.x;
        b.x = 0;
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(style.erased(), true);
        } else {
            b.y = Math.min(b.y, rows - 1);
            b.current().wrapped(true);
        }
        for (int x = from; x < columns; x++) {
            line.clear(x, style);
        }
        return b.current();
    }

    // ---- cursor

    private void restrict(int lastColumn) {
        Buffer b = active;
        b.x = Math.clamp(b.x, 0, lastColumn);
        b.y = origin ? Math.clamp(b.y, b.top, b.bottom) : Math.clamp(b.y, 0, rows - 1);
    }

    private void moveTo(long x, long y) {
        Buffer b = active;
        b.x = Math.clamp(x, 0, columns - 1);
        b.y = Math.clamp(origin ? b.top + y : y, -1, rows);
        restrict(columns - 1);
    }

    private void moveBy(long x, long y) {
        restrict(columns - 1);
        // Under origin mode this is relative to the region, as in xterm.js.
        moveTo(active.x + x, active.y + y);
    }

    private void up(int count) {
        int room = active.y - active.top;
        moveBy(0, -(long) (room >= 0 ? Math.min(room, count) : count));
    }

    private void down(int count) {
        int room = active.bottom - active.y;
        moveBy(0, room >= 0 ? Math.min(room, count) : count);
    }

    private void lineFeed() {
        Buffer b = active;
        if (newline) {
            b.x = 0;
        }
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(style.erased(), false);
        } else if (b.y >= rows) {
            b.y = rows - 1;
        } else {
            b.current().wrapped(false);
        }
        if (b.x >= columns) {
            b.x--;
        }
    }

    private void index() {
        restrict(columns - 1);
        Buffer b = active;
        b.y++;
        if (b.y == b.bottom + 1) {
            b.y--;
            b.scroll(style.erased(), false);
        }
        restrict(columns - 1);
    }

    private void reverseIndex() {
        restrict(columns - 1);
        Buffer b = active;
        if (b.y == b.top) {
            b.rotate(b.bottom, b.top, 1, style.erased());
        } else {
            b.y--;
            restrict(columns - 1);
        }
    }

    private void backspace() {
        Buffer b = active;
        if (!reverseWraparound) {
            restrict(columns - 1);
            b.x = Math.max(0, b.x - 1);
            return;
        }
        restrict(columns);
        if (b.x > 0) {
            b.x--;
        } else if (b.y > b.top && b.y <= b.bottom && b.current().wrapped()) {
            b.current().wrapped(false);
            b.y--;
            b.x = columns - 1;
            Line line = b.current();
            if (line.width(b.x) > 0 && !line.hasContent(b.x)) {
                b.x--;
            }
        }
        restrict(columns - 1);
    }

    private void save() {
        Buffer b = active;
        b.savedX = b.x;
        b.savedRow = b.scrollback() + b.y;
        b.savedStyle = style;
        b.savedCharset = charset;
    }

    private void restore() {
        Buffer b = active;
        b.x = b.savedX;
        b.y = Math.max(0, b.savedRow - b.scrollback());
        Style saved = b.savedStyle;
        style =
                new Style(
                        saved.fg(),
                        saved.bg(),
                        saved.flags(),
                        saved.underline(),
                        style.underlineColor(),
                        saved.link() == null && saved.underline() == 0 ? null : style.link());
        charset = b.savedCharset;
        restrict(columns - 1);
    }

    // ---- erasing and moving cells

    private void eraseDisplay(int what, boolean guarded) {
        restrict(columns);
        Buffer b = active;
        switch (what) {
            case 0 -> {
                eraseCells(b.y, b.x, columns, b.x == 0, guarded);
                for (int y = b.y + 1; y < rows; y++) {
                    eraseCells(y, 0, columns, true, guarded);
                }
            }
            case 1 -> {
                eraseCells(b.y, 0, b.x + 1, true, guarded);
                if (b.x + 1 >= columns && b.y + 1 < rows) {
                    b.row(b.y + 1).wrapped(false);
                }
                for (int y = 0; y < b.y; y++) {
                    eraseCells(y, 0, columns, true, guarded);
                }
            }
            case 2 -> {
                for (int y = 0; y < rows; y++) {
                    eraseCells(y, 0, columns, true, guarded);
                }
            }
            case 3 -> b.dropScrollback();
            default -> {}
        }
    }

    private void eraseLine(int what, boolean guarded) {
        restrict(columns);
        Buffer b = active;
        switch (what) {
            case 0 -> eraseCells(b.y, b.x, columns, b.x == 0, guarded);
            case 1 -> eraseCells(b.y, 0, b.x + 1, false, guarded);
            case 2 -> eraseCells(b.y, 0, columns, true, guarded);
            default -> {}
        }
    }

    private void eraseCells(int y, int from, int to, boolean unwrap, boolean guarded) {
        Line line = active.row(y);
        if (guarded) {
            line.eraseUnprotected(from, to, style.erased());
        } else {
            line.erase(from, to, style.erased());
        }
        if (unwrap) {
            line.wrapped(false);
        }
    }

    private boolean outsideRegion() {
        return active.y > active.bottom || active.y < active.top;
    }

    private void insertLines(int count) {
        restrict(columns - 1);
        if (!outsideRegion()) {
            int most = Math.min(count, active.bottom - active.y + 1);
            active.rotate(active.bottom, active.y, most, style.erased());
            active.x = 0;
        }
    }

    private void deleteLines(int count) {
        restrict(columns - 1);
        if (!outsideRegion()) {
            int most = Math.min(count, active.bottom - active.y + 1);
            active.rotate(active.y, active.bottom, most, style.erased());
            active.x = 0;
        }
    }

    private void shiftColumns(int at, int count, boolean in) {
        if (outsideRegion()) {
            return;
        }
        for (int y = active.top; y <= active.bottom; y++) {
            Line line = active.row(y);
            if (in) {
                line.insert(at, count, style.erased());
            } else {
                line.delete(at, count, style.erased());
            }
            line.wrapped(false);
        }
    }

    private void repeat(int count, int width) {
        if (width == 0) {
            return;
        }
        Line line = active.current();
        int x = active.x - width;
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

    private void alignment() {
        moveTo(0, 0);
        Style plain = style.withLink(null).withUnderlineColor(0);
        for (int y = 0; y + active.y < rows; y++) {
            Line line = active.row(active.y + y);
            line.fill('E', plain);
            line.wrapped(false);
        }
        moveTo(0, 0);
    }

    // ---- resets and modes

    private void softReset() {
        cursorHidden = false;
        Buffer b = active;
        b.top = 0;
        b.bottom = rows - 1;
        style = Style.DEFAULT;
        resetModes();
        resetCharsets();
        b.savedX = 0;
        b.savedRow = b.scrollback();
        b.savedStyle = style;
        b.savedCharset = charset;
    }

    private void resetModes() {
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
    }

    private void resetCharsets() {
        Arrays.fill(sets, Charset.US);
        shift = 0;
        charset = Charset.US;
    }

    private void fullReset() {
        style = Style.DEFAULT;
        for (Buffer b : new Buffer[] {normal, alternate}) {
            b.dropScrollback();
            b.reset(Style.DEFAULT);
            b.savedX = 0;
            b.savedRow = 0;
            b.savedStyle = Style.DEFAULT;
            b.savedCharset = Charset.US;
        }
        active = normal;
        resetCharsets();
        resetModes();
        mouse = Mouse.NONE;
        mouseEncoding = MouseEncoding.DEFAULT;
        cursorHidden = false;
    }

    private void alternate(boolean on) {
        if (on && active == normal) {
            alternate.reset(style.erased());
            alternate.x = normal.x;
            alternate.y = normal.y;
            active = alternate;
        } else if (!on && active == alternate) {
            normal.x = alternate.x;
            normal.y = alternate.y;
            active = normal;
        }
    }

    private void privateMode(int mode, boolean on) {
        switch (mode) {
            case 1 -> cursorKeys = on;
            case 2 -> {
                if (on) {
                    Arrays.fill(sets, Charset.US);
                    charset = Charset.US;
                }
            }
            case 6 -> {
                origin = on;
                moveTo(0, 0);
            }
            case 7 -> wraparound = on;
            case 25 -> cursorHidden = !on;
            case 45 -> reverseWraparound = on;
            case 66 -> keypad = on;
            case 9 -> mouse = on ? Mouse.X10 : Mouse.NONE;
            case 1000 -> mouse = on ? Mouse.VT200 : Mouse.NONE;
            case 1002 -> mouse = on ? Mouse.DRAG : Mouse.NONE;
            case 1003 -> mouse = on ? Mouse.ANY : Mouse.NONE;
            case 1004 -> focus = on;
            case 1006 -> mouseEncoding = on ? MouseEncoding.SGR : MouseEncoding.DEFAULT;
            case 1016 -> mouseEncoding = on ? MouseEncoding.SGR_PIXELS : MouseEncoding.DEFAULT;
            case 47, 1047 -> alternate(on);
            case 1048 -> {
                if (on) {
                    save();
                } else {
                    restore();
                }
            }
            case 1049 -> {
                if (on) {
                    save();
                    alternate(true);
                } else {
                    alternate(false);
                    restore();
                }
            }
            case 2004 -> bracketedPaste = on;
            case 2026 -> synchronizedOutput = on;
            default -> {}
        }
    }

    /// DECRQM's value: 0 unknown, 1 set, 2 reset, 3 always set, 4 always reset.
    private int privateModeState(int mode) {
        return switch (mode) {
            case 1 -> state(cursorKeys);
            case 6 -> state(origin);
            case 7 -> state(wraparound);
            case 8, 1048 -> mode == 8 ? 3 : 1;
            case 9 -> state(mouse == Mouse.X10);
            case 25 -> state(!cursorHidden);
            case 45 -> state(reverseWraparound);
            case 47, 1047, 1049 -> state(active == alternate);
            case 66 -> state(keypad);
            case 67, 1005, 1015 -> 4;
            case 1000 -> state(mouse == Mouse.VT200);
            case 1002 -> state(mouse == Mouse.DRAG);
            case 1003 -> state(mouse == Mouse.ANY);
            case 1004 -> state(focus);
            case 1006 -> state(mouseEncoding == MouseEncoding.SGR);
            case 1016 -> state(mouseEncoding == MouseEncoding.SGR_PIXELS);
            case 2004 -> state(bracketedPaste);
            case 2026 -> state(synchronizedOutput);
            default -> 0;
        };
    }

    private static int state(boolean set) {
        return set ? 1 : 2;
    }

    private void region(int top, int bottom) {
        int last = bottom == 0 || bottom > rows ? rows : bottom;
        if (last > top) {
            active.top = top - 1;
            active.bottom = last - 1;
            moveTo(0, 0);
        }
    }

    private void designate(int set, int last) {
        sets[set] = Charset.of(last);
        if (shift == set) {
            charset = sets[set];
        }
    }

    private void shiftTo(int set) {
        shift = set;
        charset = sets[set];
    }

    private void link(String payload) {
        int semicolon = payload.indexOf(';');
        if (semicolon < 0 || payload.length() > MAX_LINK) {
            return;
        }
        String parameters = payload.substring(0, semicolon).trim();
        String address = payload.substring(semicolon + 1);
        if (!address.isEmpty()) {
            style = style.withLink(parameters + ";" + address);
        } else if (parameters.isEmpty()) {
            style = style.withLink(null);
        }
    }

    private final class Sequences implements Parser.Handler {

        @Override
        public void print(int codePoint) {
            Screen.this.print(codePoint);
        }

        @Override
        public void control(int code) {
            endRun();
            switch (code) {
                case 0x08 -> backspace();
                case 0x09 -> {
                    if (active.x < columns) {
                        active.x = active.nextTab();
                    }
                }
                case 0x0a, 0x0b, 0x0c -> lineFeed();
                case 0x0d -> active.x = 0;
                case 0x0e -> shiftTo(1);
                case 0x0f -> shiftTo(0);
                case 0x84 -> index();
                case 0x85 -> {
                    active.x = 0;
                    index();
                }
                case 0x88 -> active.tabs.set(active.x);
                default -> {}
            }
            preceding = 0;
        }

        @Override
        public void escape(int intermediates, int last) {
            endRun();
            switch (intermediates) {
                case 0 -> plainEscape(last);
                case '(' -> designate(0, last);
                case ')', '-' -> designate(1, last);
                case '*', '.' -> designate(2, last);
                case '+' -> designate(3, last);
                case '%' -> {
                    if (last == '@' || last == 'G') {
                        shiftTo(0);
                        designate(0, 'B');
                    }
                }
                case '#' -> {
                    if (last == '8') {
                        alignment();
                    }
                }
                default -> {}
            }
            preceding = 0;
        }

        private void plainEscape(int last) {
            switch (last) {
                case '7' -> save();
                case '8' -> restore();
                case 'D' -> index();
                case 'E' -> {
                    active.x = 0;
                    index();
                }
                case 'H' -> active.tabs.set(active.x);
                case 'M' -> reverseIndex();
                case '=' -> keypad = true;
                case '>' -> keypad = false;
                case 'c' -> fullReset();
                case 'n', '}' -> shiftTo(2);
                case 'o', '|' -> shiftTo(3);
                case '~' -> shiftTo(1);
                default -> {}
            }
        }

        @Override
        public void csi(int collected, int last, Parser.Params p) {
            endRun();
            int width = preceding;
            switch (collected) {
                case 0 -> plainCsi(last, p, width);
                case '?' -> questionCsi(last, p);
                case '>' -> {
                    if (last == 'c' && p.get(0) == 0) {
                        answer("\u001b[>0;276;0c");
                    } else if (last == 'q' && p.get(0) == 0) {
                        answer("\u001bP>|tendril\u001b\\");
                    }
                }
                case ' ' -> {
                    switch (last) {
                        case '@' -> shiftColumns(0, p.orOne(0), false);
                        case 'A' -> shiftColumns(0, p.orOne(0), true);
                        case 'q' -> cursorStyle = p.get(0) <= 6 ? p.get(0) : cursorStyle;
                        default -> {}
                    }
                }
                case '!' -> {
                    if (last == 'p') {
                        softReset();
                    }
                }
                case '"' -> {
                    if (last == 'q' && p.get(0) <= 2) {
                        style = style.with(Style.PROTECTED, p.get(0) == 1);
                    }
                }
                case '\'' -> {
                    if (last == '}' || last == '~') {
                        shiftColumns(active.x, p.orOne(0), last == '}');
                    }
                }
                case '$' -> {
                    if (last == 'p') {
                        int state =
                                switch (p.get(0)) {
                                    case 2 -> 4;
                                    case 4 -> state(insert);
                                    case 12 -> 3;
                                    case 20 -> state(newline);
                                    default -> 0;
                                };
                        answer("\u001b[" + p.get(0) + ";" + state + "$y");
                    }
                }
                case '?' << 8 | '$' -> {
                    if (last == 'p') {
                        int mode = p.get(0);
                        answer("\u001b[?" + mode + ";" + privateModeState(mode) + "$y");
                    }
                }
                default -> {}
            }
            preceding = 0;
        }

        private void plainCsi(int last, Parser.Params p, int width) {
            Buffer b = active;
            switch (last) {
                case '@' -> {
                    restrict(columns - 1);
                    b.current().insert(b.x, p.orOne(0), style.erased());
                }
                case 'A' -> up(p.orOne(0));
                case 'B' -> down(p.orOne(0));
                case 'C', 'a' -> moveBy(p.orOne(0), 0);
                case 'D' -> moveBy(-p.orOne(0), 0);
                case 'E' -> {
                    down(p.orOne(0));
                    b.x = 0;
                }
                case 'F' -> {
                    up(p.orOne(0));
                    b.x = 0;
                }
                case 'G', '`' -> moveTo(p.orOne(0) - 1L, b.y);
                case 'H', 'f' -> moveTo(p.orOne(1) - 1L, p.orOne(0) - 1L);
                case 'I' -> {
                    for (int i = 0; i < Math.min(p.orOne(0), columns) && b.x < columns; i++) {
                        b.x = b.nextTab();
                    }
                }
                case 'J' -> eraseDisplay(p.get(0), false);
                case 'K' -> eraseLine(p.get(0), false);
                case 'L' -> insertLines(p.orOne(0));
                case 'M' -> deleteLines(p.orOne(0));
                case 'P' -> {
                    restrict(columns - 1);
                    b.current().delete(b.x, p.orOne(0), style.erased());
                }
                case 'S' -> b.rotate(b.top, b.bottom, p.orOne(0), style.erased());
                case 'T' -> b.rotate(b.bottom, b.top, p.orOne(0), Style.DEFAULT);
                case 'X' -> {
                    restrict(columns - 1);
                    long to = b.x + (long) p.orOne(0);
                    b.current().erase(b.x, (int) Math.min(to, columns), style.erased());
                }
                case 'Z' -> {
                    for (int i = 0; i < Math.min(p.orOne(0), columns) && b.x < columns; i++) {
                        b.x = b.previousTab();
                    }
                }
                case 'b' -> repeat(p.orOne(0), width);
                case 'c' -> {
                    if (p.get(0) == 0) {
                        answer("\u001b[?1;2c");
                    }
                }
                case 'd' -> moveTo(b.x, p.orOne(0) - 1L);
                case 'e' -> moveBy(0, p.orOne(0));
                case 'g' -> {
                    if (p.get(0) == 0) {
                        b.tabs.clear(b.x);
                    } else if (p.get(0) == 3) {
                        b.tabs.clear();
                    }
                }
                case 'h', 'l' -> {
                    for (int i = 0; i < p.count(); i++) {
                        if (p.get(i) == 4) {
                            insert = last == 'h';
                        } else if (p.get(i) == 20) {
                            newline = last == 'h';
                        }
                    }
                }
                case 'm' -> style = Sgr.apply(style, p);
                case 'n' -> {
                    if (p.get(0) == 5) {
                        answer("\u001b[0n");
                    } else if (p.get(0) == 6) {
                        answer("\u001b[" + position() + "R");
                    }
                }
                case 'r' -> region(p.orOne(0), p.get(1));
                case 's' -> save();
                case 'u' -> restore();
                default -> {}
            }
        }

        private void questionCsi(int last, Parser.Params p) {
            switch (last) {
                case 'J' -> eraseDisplay(p.get(0), true);
                case 'K' -> eraseLine(p.get(0), true);
                case 'h', 'l' -> {
                    for (int i = 0; i < p.count(); i++) {
                        privateMode(p.get(i), last == 'h');
                    }
                }
                case 'n' -> {
                    if (p.get(0) == 6) {
                        answer("\u001b[?" + position() + "R");
                    }
                }
                default -> {}
            }
        }

        private String position() {
            return (active.y + 1) + ";" + Math.min(columns, active.x + 1);
        }

        @Override
        public void osc(int command, String payload) {
            endRun();
            switch (command) {
                case 0, 2 ->
                        title =
                                payload.length() <= MAX_TITLE
                                        ? payload
                                        : payload.substring(0, MAX_TITLE);
                case 8 -> link(payload);
                default -> {}
            }
        }

        @Override
        public void dcs(int collected, int last, String payload) {
            endRun();
            if (collected != '$' || last != 'q') {
                return;
            }
            @Nullable String status =
                    switch (payload) {
                        case "\"q" -> ((style.flags() & Style.PROTECTED) != 0 ? 1 : 0) + "\"q";
                        case "\"p" -> "61;1\"p";
                        case "r" -> (active.top + 1) + ";" + (active.bottom + 1) + "r";
                        case "m" -> "0m";
                        case " q" -> Math.max(1, cursorStyle) + " q";
                        default -> null;
                    };
            answer(status == null ? "\u001bP0$r\u001b\\" : "\u001bP1$r" + status + "\u001b\\");
        }
    }
}
