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

    /// Underline and link are kept but not shown: what restoring a saved cursor without them leaves
    /// of the pen's, until the next sequence about them. As in xterm.js.
    static final int DORMANT = 512;

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
        return new Style(fg, bg, flags & ~DORMANT, kind, underlineColor, link);
    }

    Style withUnderlineColor(int color) {
        return new Style(fg, bg, flags, underline, color, link);
    }

    /// Shows underline and link again.
    Style awake() {
        return with(DORMANT, false);
    }

    Style withLink(@Nullable String to) {
        return new Style(fg, bg, flags & ~DORMANT, underline, underlineColor, to);
    }

    /// SGR 0: everything but the link.
    Style plain() {
        return DEFAULT.withLink(link);
    }

    /// How a cell looks that is written with this.
    Style shown() {
        return (flags & DORMANT) == 0
                ? this
                : new Style(fg, bg, flags & ~DORMANT, 0, underlineColor, null);
    }

    /// This pen after a saved one was restored: colours and flags of the saved one, while the kind
    /// of underline, its colour and the link stay, shown only if the saved one had any.
    Style restored(Style saved) {
        boolean any = (saved.flags & DORMANT) == 0 && (saved.underline > 0 || saved.link != null);
        if (any) {
            int kind = underline > 0 ? underline : Math.min(1, saved.underline);
            return new Style(saved.fg, saved.bg, saved.flags, kind, underlineColor, link);
        }
        int hidden = underline > 0 || link != null ? DORMANT : 0;
        return new Style(
                saved.fg,
                saved.bg,
                saved.flags & ~DORMANT | hidden,
                underline,
                underlineColor,
                link);
    }

    /// What an erased cell keeps: the background.
    Style erased() {
        return bg == 0 ? DEFAULT : DEFAULT.withBg(bg);
    }
}
