package dev.tendril.service.stream;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A reader's position: after frame `seq` of the history `epoch`.
///
/// @param epoch null only in `0`, the beginning of what is retained
public record Cursor(@Nullable String epoch, long seq) {

    private static final Pattern FORM = Pattern.compile("([a-z0-9]{1,16}):(0|[1-9][0-9]{0,17})");

    /// The beginning of what is retained, whatever the history.
    static final Cursor BEGINNING = new Cursor(null, 0);

    /// Reads `<epoch>:<seq>` or `0`; null for anything else.
    public static @Nullable Cursor parse(String text) {
        if (text.equals("0")) {
            return BEGINNING;
        }
        var form = FORM.matcher(text);
        return form.matches() ? new Cursor(form.group(1), Long.parseLong(form.group(2))) : null;
    }

    @Override
    public String toString() {
        return epoch == null ? Long.toString(seq) : epoch + ":" + seq;
    }
}
