package dev.tendril.worker.tool;

import dev.tendril.worker.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a tool's result fit for a prompt: visible characters only, and not more than fits.
public final class PlainText {
    private static final int SHORTEST = 64;

    private PlainText() {}

    /// A JSON value with every string cleaned.
    public static @Nullable Object clean(@Nullable Object value) {
        return switch (value) {
            case String text -> clean(text);
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> copy.put(clean(String.valueOf(k)), clean(v)));
                yield copy;
            }
            case Collection<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(v -> copy.add(clean(v)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    /// The text without terminal escapes, other control characters but line feed and tab, invisible
    /// and direction-changing characters, and lone surrogates: what a person would see of it.
    public static String clean(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c == 0x1b || c == 0x9b) {
                i = afterEscape(text, i);
                continue;
            }
            i += Character.charCount(c);
            if (c == '\r') {
                if (i >= text.length() || text.charAt(i) != '\n') {
                    out.append('\n');
                }
            } else if (visible(c)) {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    private static boolean visible(int c) {
        if (c == '\n' || c == '\t') {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            // Joiners belong to emoji and to Persian and Indic words; soft hyphens to nothing.
            case Character.FORMAT -> c == 0x200c || c == 0x200d;
            default -> true;
        };
    }

    /// Skips a CSI sequence (`ESC [ … letter`), an OSC sequence (`ESC ] … BEL` or `ESC \`), or a
    /// two-character escape.
    private static int afterEscape(String text, int start) {
        int i = start + 1;
        boolean csi = text.charAt(start) == 0x9b;
        if (!csi && i < text.length()) {
            char kind = text.charAt(i++);
            csi = kind == '[';
            if (kind == ']') {
                int limit = Math.min(text.length(), i + 1000);
                for (int j = i; j < limit; j++) {
                    if (text.charAt(j) == 0x07) {
                        return j + 1;
                    }
                    if (text.charAt(j) == 0x1b) {
                        return Math.min(text.length(), j + 2);
                    }
                }
            }
        }
        if (csi) {
            int limit = Math.min(text.length(), i + 64);
            while (i < limit) {
                char c = text.charAt(i++);
                if (c >= 0x40 && c <= 0x7e) {
                    break;
                }
            }
        }
        return i;
    }

    /// The head and the tail of a text, with what is missing between them said.
    ///
    /// @param chars the most that stays of the text itself
    public static String headAndTail(String text, int chars) {
        if (text.length() <= chars) {
            return text;
        }
        int head = whole(text, chars - chars / 3);
        int tail = whole(text, text.length() - chars / 3);
        return text.substring(0, head)
                + "\n[… "
                + (tail - head)
                + " characters left out …]\n"
                + text.substring(tail);
    }

    /// The index itself, or one less where it would split a surrogate pair.
    private static int whole(String text, int index) {
        return index > 0
                        && index < text.length()
                        && Character.isLowSurrogate(text.charAt(index))
                        && Character.isHighSurrogate(text.charAt(index - 1))
                ? index - 1
                : index;
    }

    /// A value whose strings together are near a number of characters at most, or the value itself
    /// when it is small enough. The longest strings lose first; then lists lose their last
    /// elements.
    static @Nullable Object cap(@Nullable Object value, int chars) {
        if (size(value) <= chars) {
            return value;
        }
        for (int longest = chars; longest >= SHORTEST; longest /= 2) {
            Object shorter = shorten(value, longest, Integer.MAX_VALUE);
            if (size(shorter) <= chars) {
                return shorter;
            }
        }
        for (int elements = 1024; elements >= 1; elements /= 2) {
            Object shorter = shorten(value, SHORTEST, elements);
            if (size(shorter) <= chars) {
                return shorter;
            }
        }
        return headAndTail(Json.write(value), chars);
    }

    private static @Nullable Object shorten(@Nullable Object value, int chars, int elements) {
        return switch (value) {
            case String text -> headAndTail(text, chars);
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                for (var field : map.entrySet()) {
                    if (copy.size() == elements) {
                        copy.put("…", (map.size() - elements) + " left out");
                        break;
                    }
                    copy.put(
                            headAndTail(String.valueOf(field.getKey()), chars),
                            shorten(field.getValue(), chars, elements));
                }
                yield copy;
            }
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                for (Object element : list) {
                    if (copy.size() == elements) {
                        copy.add("… " + (list.size() - elements) + " left out");
                        break;
                    }
                    copy.add(shorten(element, chars, elements));
                }
                yield copy;
            }
            case null, default -> value;
        };
    }

    private static long size(@Nullable Object value) {
        return switch (value) {
            case String text -> text.length() + 2L;
            case Map<?, ?> map -> {
                long sum = 2;
                for (var field : map.entrySet()) {
                    sum += size(field.getKey()) + size(field.getValue()) + 2;
                }
                yield sum;
            }
            case List<?> list -> {
                long sum = 2;
                for (Object element : list) {
                    sum += size(element) + 1;
                }
                yield sum;
            }
            case null, default -> 8;
        };
    }
}
