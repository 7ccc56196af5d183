package dev.tendril.worker.sync;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `worker.yml` says about the content's sources.
///
/// ```yaml
/// sync:
///   every_minutes: 360            # default: only when `tendril worker sync` is run
///   sources:
///     docs:
///       sitemap: https://docs.example.org/sitemap.xml
///       hosts: [docs.example.org] # default: the sitemap's
///       include: [/guide/]        # prefixes of paths; default: all
///       most: 1000                # pages
///       delay_ms: 200             # between requests
///     notes:
///       folder: /srv/notes
///     handbook:
///       git: https://git.example.org/handbook.git
///       branch: main
///       below: docs
///       readable: true            # list_repos and read_repo_file see it too
/// ```
///
/// @param sources in the order of the file
/// @param every how often a running worker syncs; null for never
public record SyncPlan(List<Source> sources, @Nullable Duration every) {
    /// Nothing to sync.
    public static final SyncPlan NONE = new SyncPlan(List.of(), null);

    /// Copies the list.
    public SyncPlan {
        sources = List.copyOf(sources);
    }

    /// Reads the key `sync`.
    public static SyncPlan read(YamlSection top) throws BadFile {
        YamlSection sync = top.section("sync");
        sync.allow("every_minutes", "sources");
        YamlSection named = sync.section("sources");
        List<Source> sources = new ArrayList<>();
        for (String name : named.keys()) {
            if (!name.matches("[a-z0-9-]{1,40}")) {
                throw named.wrong(name, "a source's name has up to 40 small letters, digits and -");
            }
            sources.add(source(name, named.section(name)));
        }
        return new SyncPlan(
                sources,
                sync.has("every_minutes")
                        ? Duration.ofMinutes(sync.number("every_minutes", 0, 1, 100_000))
                        : null);
    }

    private static Source source(String name, YamlSection at) throws BadFile {
        at.allow(
                "sitemap",
                "hosts",
                "include",
                "most",
                "delay_ms",
                "folder",
                "git",
                "branch",
                "below",
                "readable");
        if (at.has("sitemap")) {
            return site(name, at);
        }
        if (at.has("folder")) {
            Path folder = Path.of(at.word("folder", ""));
            if (!folder.isAbsolute()) {
                throw at.wrong("folder", "an absolute path is expected");
            }
            return new Source.Folder(name, folder);
        }
        if (at.has("git")) {
            String repository = at.word("git", "");
            String below = at.word("below", "");
            String branch = at.word("branch", "");
            if (repository.startsWith("-") || branch.startsWith("-")) {
                throw at.wrong("git", "it must not begin with -");
            }
            if (below.startsWith("/") || Path.of(below).normalize().startsWith("..")) {
                throw at.wrong("below", "a folder of the repository is expected");
            }
            return new Source.Git(
                    name,
                    repository,
                    branch.isEmpty() ? null : branch,
                    below,
                    at.flag("readable", false));
        }
        throw at.wrong("sitemap", "a source has a sitemap, a folder or git");
    }

    private static Source site(String name, YamlSection at) throws BadFile {
        URI sitemap;
        try {
            sitemap = URI.create(at.word("sitemap", ""));
        } catch (IllegalArgumentException e) {
            throw at.wrong("sitemap", "it is no URL");
        }
        boolean http = "http".equals(sitemap.getScheme()) || "https".equals(sitemap.getScheme());
        if (!http || sitemap.getHost() == null) {
            throw at.wrong("sitemap", "http:// or https:// and a host are expected");
        }
        Set<String> hosts = new LinkedHashSet<>();
        hosts.add(sitemap.getHost().toLowerCase(Locale.ROOT));
        at.list("hosts").forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
        return new Source.Site(
                name,
                sitemap,
                hosts,
                at.list("include"),
                (int) at.number("most", 1_000, 1, 5_000),
                (int) at.number("delay_ms", 200, 0, 60_000));
    }
}
