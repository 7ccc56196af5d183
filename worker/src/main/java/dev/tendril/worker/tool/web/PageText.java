package dev.tendril.worker.tool.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/// Makes readable text of a fetched page.
///
/// @param title may be empty
/// @param text with `#` before headings and `-` before list items
record PageText(String title, String text) {
    private static final int MAX_CHARS = 30_000;
    private static final String NOT_READ =
            "script, style, noscript, template, svg, canvas, iframe, object, embed, nav, footer,"
                    + " form, [hidden], [aria-hidden=true], [style*=display:none],"
                    + " [style*=visibility:hidden]";

    static PageText of(Fetcher.Page page) {
        if (page.type().equals("text/html") || page.type().equals("application/xhtml+xml")) {
            return html(page);
        }
        return new PageText("", cut(new String(page.body(), charset(page))));
    }

    private static Charset charset(Fetcher.Page page) {
        try {
            return page.charset() == null
                    ? StandardCharsets.UTF_8
                    : Charset.forName(page.charset());
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    private static PageText html(Fetcher.Page page) {
        Document document;
        try {
            document =
                    Jsoup.parse(
                            new ByteArrayInputStream(page.body()),
                            page.charset() == null ? null : charset(page).name(),
                            page.uri().toString());
        } catch (IOException e) {
            throw new IllegalStateException("reading bytes in memory", e);
        }
        document.select(NOT_READ).remove();
        Element main = document.selectFirst("main, article, [role=main]");
        Lines lines = new Lines();
        (main == null ? document.body() : main).traverse(lines);
        String text =
                lines.text.toString().replaceAll("[ \\t]+\n", "\n").replaceAll("\n{3,}", "\n\n");
        return new PageText(document.title(), cut(text.strip()));
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }

    private static final class Lines implements NodeVisitor {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void head(Node node, int depth) {
            if (text.length() > 2 * MAX_CHARS) {
                return;
            }
            if (node instanceof TextNode words) {
                text.append(words.text());
            } else if (node instanceof Element element) {
                String name = element.normalName();
                if (name.equals("br")) {
                    text.append('\n');
                } else if (name.matches("h[1-6]")) {
                    text.append("\n\n").append("#".repeat(name.charAt(1) - '0')).append(' ');
                } else if (name.equals("li")) {
                    text.append("\n- ");
                } else if (name.equals("td") || name.equals("th")) {
                    text.append(" | ");
                } else if (element.isBlock()) {
                    text.append('\n');
                }
            }
        }

        @Override
        public void tail(Node node, int depth) {
            if (node instanceof Element element
                    && element.isBlock()
                    && text.length() <= 2 * MAX_CHARS) {
                text.append('\n');
            }
        }
    }
}
