package dev.tendril.worker.content;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/// A markdown page, cut into passages at its headings. Headings inside code fences are none.
///
/// @param title from the front matter, else the first heading, else the file's name
/// @param passages in order; a heading with nothing under it gives none
record Page(String title, List<Passage> passages) {
    private static final Pattern FRONT_MATTER =
            Pattern.compile("\\A---\\R(.*?)\\R---[ \\t]*(?:\\R|\\z)", Pattern.DOTALL);
    private static final Pattern HEADING = Pattern.compile("#{1,6}[ \\t]+(.+?)[ \\t#]*");
    private static final Pattern FENCE = Pattern.compile("[ ]{0,3}(`{3,}|~{3,}).*");
    private static final int MAX_PASSAGE_CHARS = 4_000;

    Page {
        passages = List.copyOf(passages);
    }

    /// Reads a page. Broken front matter is read as text, since a page must never stop the others.
    static Page parse(String file, String markdown) {
        String body = markdown.startsWith("\uFEFF") ? markdown.substring(1) : markdown;
        Map<?, ?> front = Map.of();
        Matcher matter = FRONT_MATTER.matcher(body);
        if (matter.find()) {
            Map<?, ?> read = yaml(matter.group(1));
            if (read != null) {
                front = read;
                body = body.substring(matter.end());
            }
        }
        String title = string(front.get("title"));
        String url = address(string(front.get("url")));
        return cut(file, title, url, keywords(front.get("keywords")), body);
    }

    private static @Nullable Map<?, ?> yaml(String text) {
        var options = new LoaderOptions();
        options.setMaxAliasesForCollections(10);
        options.setNestingDepthLimit(10);
        try {
            Object value = new Yaml(new SafeConstructor(options)).load(text);
            return value instanceof Map<?, ?> map ? map : null;
        } catch (YAMLException e) {
            return null;
        }
    }

    private static @Nullable String string(@Nullable Object value) {
        return value instanceof String text && !text.isBlank() ? text.strip() : null;
    }

    /// A list, or a text with commas.
    private static String keywords(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return value instanceof String text ? text : "";
    }

    /// Only addresses that a visitor can follow and that are safe to click.
    private static @Nullable String address(@Nullable String url) {
        if (url == null) {
            return null;
        }
        try {
            URI uri = URI.create(url);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            return web && uri.getHost() != null && uri.getUserInfo() == null ? url : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Page cut(
            String file,
            @Nullable String title,
            @Nullable String url,
            String keywords,
            String body) {
        record Section(String heading, StringBuilder text) {}
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("", new StringBuilder()));
        String fence = "";
        for (String line : body.lines().toList()) {
            Matcher fenced = FENCE.matcher(line);
            if (fenced.matches()) {
                if (fence.isEmpty()) {
                    fence = fenced.group(1);
                } else if (fenced.group(1).startsWith(fence)) {
                    fence = "";
                }
            }
            Matcher heading = HEADING.matcher(line);
            if (fence.isEmpty() && heading.matches()) {
                sections.add(new Section(heading.group(1).strip(), new StringBuilder()));
            } else {
                sections.getLast().text().append(line).append('\n');
            }
        }
        String known =
                title != null
                        ? title
                        : firstHeading(sections.stream().map(Section::heading).toList(), file);
        List<Passage> passages = new ArrayList<>();
        for (Section section : sections) {
            String text = section.text().toString().strip();
            if (!text.isEmpty()) {
                passages.add(
                        new Passage(
                                file,
                                known,
                                section.heading(),
                                at(url, section.heading()),
                                passages.isEmpty() ? keywords : "",
                                cap(text)));
            }
        }
        return new Page(known, passages);
    }

    private static @Nullable String at(@Nullable String url, String heading) {
        return url == null || heading.isEmpty()
                ? url
                : url.replaceFirst("#.*", "") + "#" + Passage.anchor(heading);
    }

    private static String cap(String text) {
        return text.length() <= MAX_PASSAGE_CHARS ? text : text.substring(0, MAX_PASSAGE_CHARS);
    }

    private static String firstHeading(List<String> headings, String file) {
        return headings.stream()
                .filter(heading -> !heading.isEmpty())
                .findFirst()
                .orElseGet(() -> file.replaceFirst(".*/", "").replaceFirst("\\.md$", ""));
    }
}
