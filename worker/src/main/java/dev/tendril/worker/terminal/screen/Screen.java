package dev.tendril.worker.terminal.screen;

import java.util.Objects;

/// The headless screen of one terminal session.
///
/// [#write] takes the program's output, [#takeAnswers] gives what must be typed back to it, and
/// [#snapshot] the sequence that brings a fresh xterm.js of the same size to the same state.
///
/// The parts: [Parser] splits the output, [Sequences] says what each sequence does, [Printer] puts
/// characters into [Line]s of a [Buffer], [Cursor] and [Eraser] move and erase, [Modes] and
/// [Charsets] are switches, [Reports] answers. Not thread-safe.
public final class Screen {

    int columns;
    int rows;
    final Buffer normal;
    final Buffer alternate;
    final Modes modes = new Modes();
    final Charsets charsets = new Charsets();
    final Cursor cursor = new Cursor(this);
    final Eraser eraser = new Eraser(this);
    final Printer printer = new Printer(this);
    final Reports reports = new Reports(this);
    Buffer active;
    Style style = Style.DEFAULT;
    String title = "";
    private final Parser parser = new Parser(new Sequences(this));

    /// An empty screen.
    ///
    /// @param columns 2 to 500
    /// @param rows 2 to 300
    /// @param scrollback lines kept above the screen, 0 to 100,000
    public Screen(int columns, int rows, int scrollback) {
        checkSize(columns, rows);
        if (scrollback < 0 || scrollback > 100_000) {
            throw new IllegalArgumentException("scrollback of " + scrollback);
        }
        this.columns = columns;
        this.rows = rows;
        normal = new Buffer(columns, rows, scrollback);
        alternate = new Buffer(columns, rows, 0);
        active = normal;
    }

    /// Takes output of the program; sequences and characters may be cut anywhere.
    public void write(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        parser.write(bytes, offset, length);
        printer.endRun();
    }

    /// Another size. Lines are cut or padded and not wrapped anew: a viewer gets a snapshot, and
    /// the program draws again for the new size. Rows that no longer fit above the cursor become
    /// scrollback.
    ///
    /// @param newColumns 2 to 500
    /// @param newRows 2 to 300
    public void resize(int newColumns, int newRows) {
        checkSize(newColumns, newRows);
        columns = newColumns;
        rows = newRows;
        normal.resize(newColumns, newRows);
        alternate.resize(newColumns, newRows);
    }

    /// What the program asked for since the last call: bytes to write to the PTY. At most 16 KiB
    /// are kept; beyond that questions stay unanswered.
    public byte[] takeAnswers() {
        return reports.take();
    }

    /// The title that the program set, at most 1,024 characters, empty before.
    public String title() {
        return title;
    }

    /// Columns, 2 to 500.
    public int columns() {
        return columns;
    }

    /// Rows, 2 to 300.
    public int rows() {
        return rows;
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

    void softReset() {
        Buffer b = active;
        b.top = 0;
        b.bottom = rows - 1;
        style = Style.DEFAULT;
        modes.softReset();
        charsets.reset();
        b.savedX = 0;
        b.savedRow = b.scrollback();
        b.savedStyle = style;
        b.savedCharset = charsets.current;
    }

    void fullReset() {
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
        charsets.reset();
        modes.reset();
    }

    private static void checkSize(int columns, int rows) {
        if (columns < 2 || columns > 500 || rows < 2 || rows > 300) {
            throw new IllegalArgumentException("a screen of " + columns + " x " + rows);
        }
    }
}
