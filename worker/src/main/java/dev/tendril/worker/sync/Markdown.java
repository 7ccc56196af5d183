package dev.tendril.worker.sync;

import com.vladsch.flexmark.html2md.converter.FlexmarkHtmlConverter;
import com.vladsch.flexmark.util.data.MutableDataSet;
import dev.tendril.worker.json.Json;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// A page as the content folder has it: markdown below a front matter with title and address.
final class Markdown {
    private static final int MAX_CHARS = 400_000;

    /// What is no part of what a page says.
    private static final String NOT_SAID =
            "script, style, noscript, template, svg, canvas, iframe, object, embed, nav, header,"
                    + " footer, aside, form, button, [hidden], [aria-hidden=true]";

    private static final FlexmarkHtmlConverter CONVERTER =
            FlexmarkHtmlConverter.builder(
                            new MutableDataSet()
                                    .set(FlexmarkHtmlConverter.SETEXT_HEADINGS, false)
                                    .set(FlexmarkHtmlConverter.OUTPUT_ATTRIBUTES_ID, false)
                                    .set(FlexmarkHtmlConverter.SKIP_CHAR_ESCAPE, true))
                    .build();

    private Markdown() {}

    /// @param url the page's address, or null when it has none
    static String ofHtml(String html, @Nullable String url) {
        Document page = Jsoup.parse(html, url == null ? "" : url);
        String title = page.title();
        Element heading = page.selectFirst("h1");
        page.select(NOT_SAID).remove();
        Element main = page.selectFirst("main, article, [role=main]");
        Element body = main == null ? page.body() : main;
        if (url != null) {
            body.select("a[href]").forEach(link -> link.attr("href", link.absUrl("href")));
        }
        body.select("img").remove();
        String text = CONVERTER.convert(body.html()).strip();
        return front(heading == null ? title : heading.text(), url) + cut(text) + "\n";
    }

    /// @param file names the page when its text has no heading
    static String ofText(String text, @Nullable String url, String file) {
        boolean hasFront = text.stripLeading().startsWith("---");
        return hasFront || url == null ? cut(text) : front(file, url) + cut(text);
    }

    private static String front(String title, @Nullable String url) {
        StringBuilder front = new StringBuilder("---\n");
        if (!title.isBlank()) {
            // A JSON string is a YAML string.
            front.append("title: ").append(Json.write(title.strip())).append('\n');
        }
        if (url != null) {
            front.append("url: ").append(Json.write(url)).append('\n');
        }
        return front.append("---\n\n").toString();
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
    }
}
