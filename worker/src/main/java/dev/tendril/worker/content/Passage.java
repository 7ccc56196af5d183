package dev.tendril.worker.content;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What stands under one heading of a page.
///
/// @param file path below the content folder, with `/`
/// @param page the page's title
/// @param heading the heading that it stands under; empty above the first
/// @param url the page's address with the heading's anchor, or null when it has none
/// @param keywords more words that lead to it, of the front matter; the page's first passage has
///   them
/// @param text markdown, without the heading
record Passage(
        String file,
        String page,
        String heading,
        @Nullable String url,
        String keywords,
        String text) {

    /// How people are told where it stands.
    String title() {
        return heading.isEmpty() || heading.equals(page) ? page : page + ": " + heading;
    }

    /// The address, or `content:<file>#<anchor>` for a page that has none.
    String address() {
        if (url != null) {
            return url;
        }
        return "content:" + file + (heading.isEmpty() ? "" : "#" + anchor(heading));
    }

    /// As GitHub and most site generators make anchors from headings.
    static String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
