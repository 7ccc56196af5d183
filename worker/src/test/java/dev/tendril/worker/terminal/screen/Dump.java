package dev.tendril.worker.terminal.screen;

import java.util.ArrayList;
import java.util.List;

/// A screen as text, the same as `web/packages/terminal/oracle/oracle.mjs` writes of xterm.js.
final class Dump {

    private static final int[] FLAGS = {
        Style.BOLD,
        Style.DIM,
        Style.ITALIC,
        Style.BLINK,
        Style.INVERSE,
        Style.INVISIBLE,
        Style.STRIKE,
        Style.OVERLINE
    };

    private Dump() {}

    static String of(Screen s) {
        List<String> out = new ArrayList<>();
        out.add(
                "cursor %d %d %s"
                        .formatted(
                                s.active.x, s.active.y, s.onAlternate() ? "alternate" : "normal"));
        StringBuilder modes = new StringBuilder("modes ");
        for (boolean mode :
                new boolean[] {
                    s.modes.cursorKeys,
                    s.modes.keypad,
                    s.modes.bracketedPaste,
                    s.modes.insert,
                    s.modes.origin,
                    s.modes.reverseWraparound,
                    s.modes.focus,
                    s.modes.wraparound
                }) {
            modes.append(mode ? 1 : 0);
        }
        out.add(modes + " " + s.modes.mouse.name().toLowerCase(java.util.Locale.ROOT));
        buffer("normal", s.normal, out);
        if (s.onAlternate()) {
            buffer("alternate", s.alternate, out);
        }
        return String.join("\n", out);
    }

    private static void buffer(String name, Buffer b, List<String> out) {
        out.add(name + " " + (b.scrollback() + b.rows));
        for (int y = -b.scrollback(); y < b.rows; y++) {
            Line line = b.row(y);
            List<String> cells = new ArrayList<>();
            String last = "";
            for (int x = 0; x < line.columns(); x++) {
                Style style = line.style(x);
                StringBuilder look = new StringBuilder();
                look.append(style.fg()).append(',').append(style.bg()).append(',');
                for (int flag : FLAGS) {
                    look.append((style.flags() & flag) != 0 ? 1 : 0);
                }
                // xterm.js shows a link underlined.
                look.append(style.underline() > 0 || style.link() != null ? 1 : 0);
                String now = look.toString();
                cells.add(line.text(x) + "|" + line.width(x) + (now.equals(last) ? "" : "|" + now));
                last = now;
            }
            out.add((line.wrapped() ? "+ " : "- ") + String.join("\t", cells));
        }
    }
}
