package dev.tendril.worker.sync;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where pages come from.
public sealed interface Source {
    /// The folder's name below the content folder, `[a-z0-9-]{1,40}`.
    String name();

    /// A site.
    ///
    /// @param sitemap or an index of sitemaps
    /// @param hosts that may be asked
    /// @param include prefixes of paths; empty for all
    /// @param most pages
    /// @param delayMs between two requests, at least; `robots.txt` may ask for more
    record Site(
            String name,
            URI sitemap,
            Set<String> hosts,
            List<String> include,
            int most,
            int delayMs)
            implements Source {
        /// Copies the lists.
        public Site {
            hosts = Set.copyOf(hosts);
            include = List.copyOf(include);
        }
    }

    /// A folder on this machine, of markdown, text and HTML files.
    record Folder(String name, Path folder) implements Source {}

    /// A git repository.
    ///
    /// @param repository anything that `git clone` takes
    /// @param branch or null for the default one
    /// @param below folder of the repository that has the pages; empty for all
    /// @param readable whether visitors' tools may read its files as source code too
    record Git(
            String name, String repository, @Nullable String branch, String below, boolean readable)
            implements Source {}
}
