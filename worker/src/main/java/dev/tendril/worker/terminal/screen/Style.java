package dev.tendril.worker.terminal.screen;

import org.jspecify.annotations.Nullable;

/// How a cell looks. A colour is 0 for the default, else its kind in the highest byte and its value
/// below: [#BASIC] 0 to 15, [#INDEXED] 0 to 255, [#RGB] 24 bits.
///
/// @param underline 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed
/// @param underlineColor a colour
/// @param link parameters and address of an OSC 8 link, separated by `;`
record Style(int fg, int bg, int flags, int underline, int underlineColor, @Nullable String link) {

    static final int BASIC = 1 << 24;
    static final int INDEXED = 2 << 24;
    static final int RGB = 3 << 24;

    static final int BOLD = 1;
    static final int DIM = 2;
    static final int ITALIC = 4;
    static final int BLINK = 8;
    static final int INVERSE = 16;
    static final int INVISIBLE = 32;
    static final int STRIKE = 64;
    static final int OVERLINE = 128;
    static final int PROTECTED = 256;

    static final Style DEFAULT = new Style(0, 0, 0, 0, 0, null);

    Style withFg(int color) {
        return new Style(color, bg, flags, underline, underlineColor, link);
    }

    Style withBg(int color) {
        return new Style(fg, color, flags, underline, underlineColor, link);
    }

    Style with(int flag, boolean on) {
        int changed = on ? flags | flag : flags & ~flag;
        return new Style(fg, bg, changed, underline, underlineColor, link);
    }

    Style withUnderline(int kind) {
        return new Style(fg, bg, flags, kind, underlineColor, link);
    }

    Style withUnderlineColor(int color) {
        return new Style(fg, bg, flags, underline, color, link);
    }

    Style withLink(@Nullable String to) {
        return new Style(fg, bg, flags, underline, underlineColor, to);
    }

    /// SGR 0: everything but the link.
    Style plain() {
        return DEFAULT.withLink(link);
    }

    /// What an erased cell keeps: the background.
    Style erased() {
        return bg == 0 ? DEFAULT : DEFAULT.withBg(bg);
    }
}
