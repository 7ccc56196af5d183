package dev.tendril.worker.content;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The site's pages for whoever looks things up in them, apart from the guide.
public final class ContentLibrary {
    private final ContentIndex index;

    /// @param folder of markdown files; need not exist yet
    public ContentLibrary(Path folder) {
        this.index = new ContentIndex(folder);
    }

    /// A passage of a page.
    ///
    /// @param page the page's name, for [#page]
    /// @param title page and heading, for people
    /// @param address absolute, or `content:<file>#<anchor>` for a page without an address
    /// @param text markdown
    /// @param score BM25; comparable within one search; 0 when nothing was searched for
    public record Found(String page, String title, String address, String text, double score) {}

    /// The passages that fit best, best first.
    ///
    /// @param below only pages in this folder; empty for all
    public List<Found> search(String question, String below, int most) {
        return index.search(question, below.isEmpty() ? most : most * 10).stream()
                .filter(hit -> hit.passage().file().startsWith(below))
                .limit(most)
                .map(hit -> found(hit.passage(), hit.score()))
                .toList();
    }

    /// All passages of a page in their order; empty when there is no such page.
    ///
    /// @param name as a search gave it, or the page's address
    public List<Found> page(String name) {
        String file = name.startsWith("content:") ? name.substring(8) : name;
        String wanted = file.replaceFirst("#.*", "");
        return index.passages().stream()
                .filter(p -> p.file().equals(wanted) || address(p).equals(wanted))
                .map(p -> found(p, 0))
                .toList();
    }

    /// The names of all pages, sorted.
    public Set<String> pages() {
        Set<String> names = new TreeSet<>();
        index.passages().forEach(p -> names.add(p.file()));
        return names;
    }

    private static String address(Passage passage) {
        return passage.address().replaceFirst("#.*", "");
    }

    private static Found found(Passage passage, double score) {
        return new Found(passage.file(), passage.title(), passage.address(), passage.text(), score);
    }
}
