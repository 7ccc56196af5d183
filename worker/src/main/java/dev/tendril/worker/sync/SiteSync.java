package dev.tendril.worker.sync;

import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRulesParser;
import crawlercommons.sitemaps.AbstractSiteMap;
import crawlercommons.sitemaps.SiteMap;
import crawlercommons.sitemaps.SiteMapIndex;
import crawlercommons.sitemaps.SiteMapParser;
import crawlercommons.sitemaps.UnknownFormatException;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.web.PageGone;
import dev.tendril.worker.tool.web.SiteFetcher;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Crawls a site by its sitemap: one request after the other, only what `robots.txt` allows, only
/// what has changed. Pages are not searched for links: the sitemap says what there is.
final class SiteSync {
    private static final Logger LOG = LoggerFactory.getLogger(SiteSync.class);
    private static final int SITEMAPS = 50;
    private static final long LONGEST_DELAY_MS = 10_000;

    private final Source.Site site;
    private final SiteFetcher fetcher;
    private final SourceFolder to;
    private final Tally tally;
    private final Map<String, SimpleRobotRules> robots = new HashMap<>();

    SiteSync(Source.Site site, SiteFetcher fetcher, SourceFolder to, Tally tally) {
        this.site = site;
        this.fetcher = fetcher;
        this.to = to;
        this.tally = tally;
    }

    void run() throws IOException, InterruptedException {
        Set<String> pages = pages();
        if (pages.isEmpty()) {
            LOG.warn("The sitemap {} brought no page: all stay as they were", site.sitemap());
            tally.unreached();
            return;
        }
        for (String url : pages) {
            try {
                one(url);
            } catch (PageGone e) {
                to.remove(url, tally);
            } catch (ToolException | IOException | RuntimeException e) {
                LOG.warn("The page {} is left as it was: {}", url, e.getMessage());
                to.keep(url);
                tally.failed();
            }
        }
        to.removeUnseen(tally);
    }

    private void one(String url) throws ToolException, IOException, InterruptedException {
        SimpleRobotRules rules = rules(URI.create(url));
        if (!rules.isAllowed(url)) {
            return; // It was never there, or goes with what was not seen.
        }
        pause(rules);
        SourceFolder.Known known = to.known(url);
        SiteFetcher.Got got =
                fetcher.get(
                        url,
                        site.hosts()::contains,
                        known == null ? null : known.etag(),
                        known == null ? null : known.lastModified());
        if (got.unchanged()) {
            to.keep(url);
            tally.count(Tally.Change.UNCHANGED);
            return;
        }
        if (got.type().endsWith("xml") && !got.type().contains("xhtml")) {
            throw new ToolException("it is no page but " + got.type());
        }
        boolean html = got.type().contains("html");
        String page =
                html ? Markdown.ofHtml(got.text(), url) : Markdown.ofText(got.text(), url, url);
        tally.count(to.write(url, file(url), page, got.etag(), got.lastModified()));
    }

    private void pause(@Nullable SimpleRobotRules rules) throws InterruptedException {
        long asked = rules == null ? 0 : Math.max(0, rules.getCrawlDelay());
        long ms = Math.max(site.delayMs(), Math.min(asked, LONGEST_DELAY_MS));
        if (ms > 0) {
            boolean unused = new CountDownLatch(1).await(ms, TimeUnit.MILLISECONDS);
        }
    }

    /// A host without a `robots.txt` allows everything; one whose file cannot be had allows nothing
    /// until it can.
    private SimpleRobotRules rules(URI page) {
        String host = page.getScheme() + "://" + page.getRawAuthority();
        return robots.computeIfAbsent(host, this::fetchRules);
    }

    private SimpleRobotRules fetchRules(String host) {
        var parser = new SimpleRobotRulesParser();
        try {
            SiteFetcher.Got got =
                    fetcher.get(host + "/robots.txt", site.hosts()::contains, null, null);
            return parser.parseContent(
                    host + "/robots.txt", got.bytes(), "text/plain", List.of("tendril"));
        } catch (PageGone e) {
            return new SimpleRobotRules(SimpleRobotRules.RobotRulesMode.ALLOW_ALL);
        } catch (ToolException e) {
            LOG.warn(
                    "{}/robots.txt cannot be had, so nothing is read there: {}",
                    host,
                    e.getMessage());
            return new SimpleRobotRules(SimpleRobotRules.RobotRulesMode.ALLOW_NONE);
        }
    }

    private Set<String> pages() throws InterruptedException {
        Set<String> pages = new LinkedHashSet<>();
        Set<String> asked = new LinkedHashSet<>();
        ArrayDeque<String> maps = new ArrayDeque<>(List.of(site.sitemap().toString()));
        while (!maps.isEmpty() && asked.size() < SITEMAPS && pages.size() < site.most()) {
            String map = maps.remove();
            if (asked.add(map)) {
                read(map, maps, pages);
            }
        }
        return pages;
    }

    private void read(String map, ArrayDeque<String> more, Set<String> pages)
            throws InterruptedException {
        try {
            SiteFetcher.Got got = fetcher.get(map, site.hosts()::contains, null, null);
            AbstractSiteMap parsed =
                    new SiteMapParser(false).parseSiteMap(got.bytes(), got.uri().toURL());
            if (parsed instanceof SiteMapIndex index) {
                index.getSitemaps().forEach(one -> more.add(one.getUrl().toString()));
                pause(null);
            } else if (parsed instanceof SiteMap one) {
                one.getSiteMapUrls().forEach(url -> add(url.getUrl().toString(), pages));
            }
        } catch (ToolException | UnknownFormatException | IOException | RuntimeException e) {
            LOG.warn("The sitemap {} cannot be read: {}", map, e.getMessage());
        }
    }

    private void add(String url, Set<String> pages) {
        URI uri = URI.create(url);
        String path = uri.getPath() == null ? "/" : uri.getPath();
        boolean included =
                site.include().isEmpty() || site.include().stream().anyMatch(path::startsWith);
        boolean ours =
                uri.getHost() != null
                        && site.hosts().contains(uri.getHost().toLowerCase(Locale.ROOT));
        if (included && ours && pages.size() < site.most()) {
            pages.add(url);
        }
    }

    /// A name that nothing of the address can lead out of the folder.
    static String file(String url) {
        URI uri = URI.create(url);
        String path = uri.getPath() == null ? "" : uri.getPath();
        String query = uri.getQuery() == null ? "" : "-" + uri.getQuery();
        StringBuilder name = new StringBuilder();
        for (String part : path.replaceFirst("(?i)\\.(html?|php|aspx?)$", "").split("/+")) {
            String safe = (part).replaceAll("[^\\p{L}\\p{N}._-]+", "-").replaceAll("^[.-]+", "");
            if (!safe.isEmpty()) {
                name.append(name.isEmpty() ? "" : "/");
                name.append(safe.length() > 80 ? safe.substring(0, 80) : safe);
            }
        }
        String base = name.isEmpty() ? "index" : name.toString();
        String tail = query.replaceAll("[^\\p{L}\\p{N}._-]+", "-");
        return base + (tail.length() > 80 ? tail.substring(0, 80) : tail) + ".md";
    }
}
