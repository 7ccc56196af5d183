package dev.tendril.worker.tool.visitor;

import java.util.List;

/// The site's pages, as the content tools need them.
public interface Pages {
    /// A passage of a page.
    ///
    /// @param page the page's name, for [#page]
    /// @param title page and heading, for people
    /// @param address absolute, or `content:<file>#<anchor>` for a page without an address
    /// @param text markdown
    record Passage(String page, String title, String address, String text) {}

    /// The passages that fit a question best, best first.
    ///
    /// @param below only pages in this folder; empty for all
    List<Passage> search(String question, String below, int most);

    /// All passages of a page in their order; empty when there is no such page.
    List<Passage> page(String name);
}
