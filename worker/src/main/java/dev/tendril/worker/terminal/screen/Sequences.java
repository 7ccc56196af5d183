package dev.tendril.worker.terminal.screen;

/// What each control, escape and control sequence does.
final class Sequences implements Parser.Handler {

    private static final int MAX_TITLE = 1024;
    private static final int MAX_LINK = 4096;

    private final Screen s;

    Sequences(Screen screen) {
        this.s = screen;
    }

    @Override
    public void print(int codePoint) {
        s.printer.print(codePoint);
    }

    @Override
    public void control(int code) {
        s.printer.endRun();
        switch (code) {
            case 0x08 -> s.cursor.backspace();
            case 0x09 -> {
                if (s.active.x < s.columns) {
                    s.active.x = s.active.nextTab();
                }
            }
            case 0x0a, 0x0b, 0x0c -> s.cursor.lineFeed();
            case 0x0d -> s.active.x = 0;
            case 0x0e -> s.charsets.shiftTo(1);
            case 0x0f -> s.charsets.shiftTo(0);
            case 0x84 -> s.cursor.index();
            case 0x85 -> {
                s.active.x = 0;
                s.cursor.index();
            }
            case 0x88 -> s.active.tabs.set(s.active.x);
            default -> {}
        }
        s.printer.joinNothing();
    }

    @Override
    public void escape(int intermediates, int last) {
        s.printer.endRun();
        switch (intermediates) {
            case 0 -> plainEscape(last);
            case '(' -> s.charsets.designate(0, last);
            case ')', '-' -> s.charsets.designate(1, last);
            case '*', '.' -> s.charsets.designate(2, last);
            case '+' -> s.charsets.designate(3, last);
            case '%' -> {
                if (last == '@' || last == 'G') {
                    s.charsets.shiftTo(0);
                    s.charsets.designate(0, 'B');
                }
            }
            case '#' -> {
                if (last == '8') {
                    s.eraser.alignment();
                }
            }
            default -> {}
        }
        s.printer.joinNothing();
    }

    private void plainEscape(int last) {
        switch (last) {
            case '7' -> s.cursor.save();
            case '8' -> s.cursor.restore();
            case 'D' -> s.cursor.index();
            case 'E' -> {
                s.active.x = 0;
                s.cursor.index();
            }
            case 'H' -> s.active.tabs.set(s.active.x);
            case 'M' -> s.cursor.reverseIndex();
            case '=' -> s.modes.keypad = true;
            case '>' -> s.modes.keypad = false;
            case 'c' -> s.fullReset();
            case 'n', '}' -> s.charsets.shiftTo(2);
            case 'o', '|' -> s.charsets.shiftTo(3);
            case '~' -> s.charsets.shiftTo(1);
            default -> {}
        }
    }

    @Override
    public void csi(int collected, int last, Params p) {
        s.printer.endRun();
        int width = s.printer.preceding();
        switch (collected) {
            case 0 -> plainCsi(last, p, width);
            case '?' -> questionCsi(last, p);
            case '>' -> {
                if (last == 'c' && p.get(0) == 0) {
                    s.reports.answer("\u001b[>0;276;0c");
                } else if (last == 'q' && p.get(0) == 0) {
                    s.reports.answer("\u001bP>|tendril\u001b\\");
                }
            }
            case ' ' -> {
                switch (last) {
                    case '@' -> s.eraser.shiftColumns(0, p.orOne(0), false);
                    case 'A' -> s.eraser.shiftColumns(0, p.orOne(0), true);
                    case 'q' ->
                            s.modes.cursorStyle = p.get(0) <= 6 ? p.get(0) : s.modes.cursorStyle;
                    default -> {}
                }
            }
            case '!' -> {
                if (last == 'p') {
                    s.softReset();
                }
            }
            case '"' -> {
                if (last == 'q' && p.get(0) <= 2) {
                    s.style = s.style.with(Style.PROTECTED, p.get(0) == 1);
                }
            }
            case '\'' -> {
                if (last == '}' || last == '~') {
                    s.eraser.shiftColumns(s.active.x, p.orOne(0), last == '}');
                }
            }
            case '$' -> {
                if (last == 'p') {
                    int state =
                            switch (p.get(0)) {
                                case 2 -> 4;
                                case 4 -> Reports.state(s.modes.insert);
                                case 12 -> 3;
                                case 20 -> Reports.state(s.modes.newline);
                                default -> 0;
                            };
                    s.reports.answer("\u001b[" + p.get(0) + ";" + state + "$y");
                }
            }
            case '?' << 8 | '$' -> {
                if (last == 'p') {
                    int mode = p.get(0);
                    s.reports.answer(
                            "\u001b[?" + mode + ";" + s.reports.privateModeState(mode) + "$y");
                }
            }
            default -> {}
        }
        s.printer.joinNothing();
    }

    private void plainCsi(int last, Params p, int width) {
        Buffer b = s.active;
        switch (last) {
            case '@' -> {
                s.cursor.restrict(s.columns - 1);
                b.current().insert(b.x, p.orOne(0), s.style.erased());
            }
            case 'A' -> s.cursor.up(p.orOne(0));
            case 'B' -> s.cursor.down(p.orOne(0));
            case 'C', 'a' -> s.cursor.moveBy(p.orOne(0), 0);
            case 'D' -> s.cursor.moveBy(-p.orOne(0), 0);
            case 'E' -> {
                s.cursor.down(p.orOne(0));
                b.x = 0;
            }
            case 'F' -> {
                s.cursor.up(p.orOne(0));
                b.x = 0;
            }
            case 'G', '`' -> s.cursor.moveTo(p.orOne(0) - 1L, b.y);
            case 'H', 'f' -> s.cursor.moveTo(p.orOne(1) - 1L, p.orOne(0) - 1L);
            case 'I' -> {
                for (int i = 0; i < Math.min(p.orOne(0), s.columns) && b.x < s.columns; i++) {
                    b.x = b.nextTab();
                }
            }
            case 'J' -> s.eraser.eraseDisplay(p.get(0), false);
            case 'K' -> s.eraser.eraseLine(p.get(0), false);
            case 'L' -> s.eraser.insertLines(p.orOne(0));
            case 'M' -> s.eraser.deleteLines(p.orOne(0));
            case 'P' -> {
                s.cursor.restrict(s.columns - 1);
                b.current().delete(b.x, p.orOne(0), s.style.erased());
            }
            case 'S' -> b.rotate(b.top, b.bottom, p.orOne(0), s.style.erased());
            case 'T' -> b.rotate(b.bottom, b.top, p.orOne(0), Style.DEFAULT);
            case 'X' -> {
                s.cursor.restrict(s.columns - 1);
                long to = b.x + (long) p.orOne(0);
                b.current().erase(b.x, (int) Math.min(to, s.columns), s.style.erased());
            }
            case 'Z' -> {
                for (int i = 0; i < Math.min(p.orOne(0), s.columns) && b.x < s.columns; i++) {
                    b.x = b.previousTab();
                }
            }
            case 'b' -> s.printer.repeat(p.orOne(0), width);
            case 'c' -> {
                if (p.get(0) == 0) {
                    s.reports.answer("\u001b[?1;2c");
                }
            }
            case 'd' -> s.cursor.moveTo(b.x, p.orOne(0) - 1L);
            case 'e' -> s.cursor.moveBy(0, p.orOne(0));
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
                        s.modes.insert = last == 'h';
                    } else if (p.get(i) == 20) {
                        s.modes.newline = last == 'h';
                    }
                }
            }
            case 'm' -> s.style = Sgr.apply(s.style, p);
            case 'n' -> {
                if (p.get(0) == 5) {
                    s.reports.answer("\u001b[0n");
                } else if (p.get(0) == 6) {
                    s.reports.answer("\u001b[" + s.reports.position() + "R");
                }
            }
            case 'r' -> s.cursor.region(p.orOne(0), p.get(1));
            case 's' -> s.cursor.save();
            case 'u' -> s.cursor.restore();
            default -> {}
        }
    }

    private void questionCsi(int last, Params p) {
        switch (last) {
            case 'J' -> s.eraser.eraseDisplay(p.get(0), true);
            case 'K' -> s.eraser.eraseLine(p.get(0), true);
            case 'h', 'l' -> {
                for (int i = 0; i < p.count(); i++) {
                    privateMode(p.get(i), last == 'h');
                }
            }
            case 'n' -> {
                if (p.get(0) == 6) {
                    s.reports.answer("\u001b[?" + s.reports.position() + "R");
                }
            }
            default -> {}
        }
    }

    @Override
    public void osc(int command, String payload) {
        s.printer.endRun();
        switch (command) {
            case 0, 2 ->
                    s.title =
                            payload.length() <= MAX_TITLE
                                    ? payload
                                    : payload.substring(0, MAX_TITLE);
            case 8 -> link(payload);
            default -> {}
        }
    }

    @Override
    public void dcs(int collected, int last, String payload) {
        s.printer.endRun();
        s.reports.status(collected, last, payload);
    }

    private void alternate(boolean on) {
        if (on && s.active == s.normal) {
            s.alternate.reset(s.style.erased());
            s.alternate.x = s.normal.x;
            s.alternate.y = s.normal.y;
            s.active = s.alternate;
        } else if (!on && s.active == s.alternate) {
            s.normal.x = s.alternate.x;
            s.normal.y = s.alternate.y;
            s.active = s.normal;
        }
    }

    private void privateMode(int mode, boolean on) {
        switch (mode) {
            case 1 -> s.modes.cursorKeys = on;
            case 2 -> {
                if (on) {
                    s.charsets.allUs();
                }
            }
            case 6 -> {
                s.modes.origin = on;
                s.cursor.moveTo(0, 0);
            }
            case 7 -> s.modes.wraparound = on;
            case 25 -> s.modes.cursorHidden = !on;
            case 45 -> s.modes.reverseWraparound = on;
            case 66 -> s.modes.keypad = on;
            case 9 -> s.modes.mouse = on ? Modes.Mouse.X10 : Modes.Mouse.NONE;
            case 1000 -> s.modes.mouse = on ? Modes.Mouse.VT200 : Modes.Mouse.NONE;
            case 1002 -> s.modes.mouse = on ? Modes.Mouse.DRAG : Modes.Mouse.NONE;
            case 1003 -> s.modes.mouse = on ? Modes.Mouse.ANY : Modes.Mouse.NONE;
            case 1004 -> s.modes.focus = on;
            case 1006 ->
                    s.modes.mouseEncoding =
                            on ? Modes.MouseEncoding.SGR : Modes.MouseEncoding.DEFAULT;
            case 1016 ->
                    s.modes.mouseEncoding =
                            on ? Modes.MouseEncoding.SGR_PIXELS : Modes.MouseEncoding.DEFAULT;
            case 47, 1047 -> alternate(on);
            case 1048 -> {
                if (on) {
                    s.cursor.save();
                } else {
                    s.cursor.restore();
                }
            }
            case 1049 -> {
                if (on) {
                    s.cursor.save();
                    alternate(true);
                } else {
                    alternate(false);
                    s.cursor.restore();
                }
            }
            case 2004 -> s.modes.bracketedPaste = on;
            case 2026 -> s.modes.synchronizedOutput = on;
            default -> {}
        }
    }

    private void link(String payload) {
        int semicolon = payload.indexOf(';');
        if (semicolon < 0 || payload.length() > MAX_LINK) {
            return;
        }
        String parameters = payload.substring(0, semicolon).trim();
        String address = payload.substring(semicolon + 1);
        if (!address.isEmpty()) {
            s.style = s.style.withLink(parameters + ";" + address);
        } else if (parameters.isEmpty()) {
            s.style = s.style.withLink(null);
        }
    }
}
