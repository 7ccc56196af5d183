package dev.tendril.worker.terminal.screen;

/// SGR both ways: parameters to a style, and a style to parameters.
final class Sgr {

    private Sgr() {}

    static Style apply(Style before, Params p) {
        Style style = before;
        for (int i = 0; i < p.count(); i++) {
            int code = p.get(i);
            if (code == 38 || code == 48 || code == 58) {
                int[] accumulated = new int[6];
                i += collect(p, i, accumulated);
                style = colored(style, accumulated);
            } else {
                style = one(style, code, p.subs(i) > 0 ? p.sub(i, 0) : 1);
            }
        }
        return style;
    }

    private static Style one(Style s, int code, int sub) {
        return switch (code) {
            case 0 -> s.plain();
            case 1 -> s.with(Style.BOLD, true);
            case 2 -> s.with(Style.DIM, true);
            case 3 -> s.with(Style.ITALIC, true);
            case 4 -> s.withUnderline(sub < 0 || sub > 5 ? 1 : sub);
            case 5 -> s.with(Style.BLINK, true);
            case 7 -> s.with(Style.INVERSE, true);
            case 8 -> s.with(Style.INVISIBLE, true);
            case 9 -> s.with(Style.STRIKE, true);
            case 21 -> s.withUnderline(2);
            case 22 -> s.with(Style.BOLD | Style.DIM, false);
            case 23 -> s.with(Style.ITALIC, false);
            case 24 -> s.withUnderline(0);
            case 25 -> s.with(Style.BLINK, false);
            case 27 -> s.with(Style.INVERSE, false);
            case 28 -> s.with(Style.INVISIBLE, false);
            case 29 -> s.with(Style.STRIKE, false);
            case 39 -> s.withFg(0);
            case 49 -> s.withBg(0);
            case 53 -> s.with(Style.OVERLINE, true);
            case 55 -> s.with(Style.OVERLINE, false);
            case 59 -> s.withUnderlineColor(0).awake();
            default -> {
                if (code >= 30 && code <= 37) {
                    yield s.withFg(Style.BASIC | code - 30);
                } else if (code >= 40 && code <= 47) {
                    yield s.withBg(Style.BASIC | code - 40);
                } else if (code >= 90 && code <= 97) {
                    yield s.withFg(Style.BASIC | code - 90 + 8);
                } else if (code >= 100 && code <= 107) {
                    yield s.withBg(Style.BASIC | code - 100 + 8);
                }
                yield s;
            }
        };
    }

    /// Gathers `38;2;r;g;b`, `38;5;n`, `38:2::r:g:b`, `38:2:r:g:b`, `38:5:n` and their mixtures as
    /// kind, mode, colour space and three values.
    ///
    /// @return how many parameters beyond the first were used
    private static int collect(Params p, int at, int[] into) {
        into[2] = -1;
        int space = 0;
        int advance = 0;
        do {
            into[advance + space] = p.get(at + advance);
            int subs = p.subs(at + advance);
            if (subs > 0) {
                int i = 0;
                do {
                    if (into[1] == 5) {
                        space = 1;
                    }
                    into[advance + i + 1 + space] = p.sub(at + advance, i);
                } while (++i < subs && i + advance + 1 + space < into.length);
                break;
            }
            if (into[1] == 5 && advance + space >= 2 || into[1] == 2 && advance + space >= 5) {
                break;
            }
            if (into[1] != 0) {
                space = 1;
            }
        } while (++advance + at < p.count() && advance + space < into.length);
        for (int i = 2; i < into.length; i++) {
            into[i] = into[i] == -1 ? 0 : into[i];
        }
        return advance;
    }

    private static Style colored(Style s, int[] c) {
        int color;
        if (c[1] == 2) {
            color = Style.RGB | (c[3] & 255) << 16 | (c[4] & 255) << 8 | c[5] & 255;
        } else if (c[1] == 5) {
            color = Style.INDEXED | c[3] & 255;
        } else {
            return s;
        }
        return switch (c[0]) {
            case 38 -> s.withFg(color);
            case 48 -> s.withBg(color);
            default -> s.withUnderlineColor(color);
        };
    }

    /// The sequence that makes a style out of any other, without its link.
    static String of(Style s) {
        StringBuilder out = new StringBuilder("\u001b[0");
        int[] codes = {1, 2, 3, 5, 7, 8, 9, 53};
        int[] flags = {
            Style.BOLD,
            Style.DIM,
            Style.ITALIC,
            Style.BLINK,
            Style.INVERSE,
            Style.INVISIBLE,
            Style.STRIKE,
            Style.OVERLINE
        };
        for (int i = 0; i < codes.length; i++) {
            if ((s.flags() & flags[i]) != 0) {
                out.append(';').append(codes[i]);
            }
        }
        if (s.underline() > 0) {
            out.append(";4:").append(s.underline());
        }
        color(out, s.fg(), 30, 90, 38);
        color(out, s.bg(), 40, 100, 48);
        color(out, s.underlineColor(), 0, 0, 58);
        out.append('m');
        if ((s.flags() & Style.PROTECTED) != 0) {
            out.append("\u001b[1\"q");
        }
        return out.toString();
    }

    private static void color(StringBuilder out, int color, int low, int high, int extended) {
        int value = color & 0xffffff;
        switch (color & Style.RGB) {
            case Style.BASIC -> out.append(';').append(value < 8 ? low + value : high + value - 8);
            case Style.INDEXED -> out.append(';').append(extended).append(";5;").append(value);
            case Style.RGB ->
                    out.append(';')
                            .append(extended)
                            .append(";2;")
                            .append(value >> 16)
                            .append(';')
                            .append(value >> 8 & 255)
                            .append(';')
                            .append(value & 255);
            default -> {}
        }
    }
}
