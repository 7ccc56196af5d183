package dev.tendril.worker.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.content.ContentLibrary;
import dev.tendril.worker.tool.web.Loopback;
import dev.tendril.worker.tool.web.SiteFetcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A real site over HTTP, real folders, a real git repository.
@Timeout(60)
class ContentSyncTest {
    private final Map<String, String> pages = new ConcurrentHashMap<>();
    private final Map<String, Integer> broken = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    @TempDir private Path dir;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
        pages.put("/robots.txt", "User-agent: *\nDisallow: /private/\n");
        pages.put(
                "/guide/a.html",
                html("Ferns", "<p>Ferns like <b>shade</b>.</p><ul><li>and water</li></ul>"));
        pages.put("/guide/b", html("Moss", "<p>Moss grows slowly.</p>"));
        pages.put("/private/c", html("Secret", "<p>Not for robots.</p>"));
        sitemap("/guide/a.html", "/guide/b", "/private/c");
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private static String html(String title, String body) {
        return "<!doctype html><html><head><title>"
                + title
                + " | Site</title></head><body><nav>Menu</nav><main><h1>"
                + title
                + "</h1>"
                + body
                + "</main><footer>Imprint</footer></body></html>";
    }

    private String base() {
        return "http://site.example:" + server.getAddress().getPort();
    }

    private void sitemap(String... paths) {
        StringBuilder map =
                new StringBuilder(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset"
                                + " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
        for (String path : paths) {
            map.append("<url><loc>").append(base()).append(path).append("</loc></url>");
        }
        pages.put("/sitemap.xml", map.append("</urlset>").toString());
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        String page = pages.get(path);
        int status = broken.getOrDefault(path, page == null ? 404 : 200);
        if (page != null && status == 200) {
            String etag = "\"" + page.hashCode() + "\"";
            exchange.getResponseHeaders().set("ETag", etag);
            String type =
                    path.endsWith(".xml")
                            ? "application/xml"
                            : path.endsWith(".txt") ? "text/plain" : "text/html; charset=utf-8";
            exchange.getResponseHeaders().set("Content-Type", type);
            if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
            } else {
                byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        } else {
            exchange.sendResponseHeaders(status, -1);
        }
        exchange.close();
    }

    private String sync(Source source) throws InterruptedException {
        return sync(source, Loopback.fetcher(server.getAddress().getPort()));
    }

    private String sync(Source source, SiteFetcher fetcher) throws InterruptedException {
        return new ContentSync(dir.resolve("content"), dir.resolve("data"), fetcher)
                .run(List.of(source))
                .get(source.name())
                .toString();
    }

    private Source.Site site(List<String> include) {
        return new Source.Site(
                "docs",
                URI.create(base() + "/sitemap.xml"),
                Set.of("site.example"),
                include,
                100,
                0);
    }

    private Source.Site site() {
        return site(List.of());
    }

    private String page(String name) throws IOException {
        return Files.readString(dir.resolve("content").resolve("docs").resolve(name));
    }

    @Test
    void crawlsASiteByItsSitemapAndHonoursRobots() throws Exception {
        assertEquals("2 new, 0 changed, 0 as they were, 0 gone, 0 failed", sync(site()));
        assertFalse(asked.contains("/private/c"), "robots.txt was not honoured");
        String ferns = page("guide/a.md");
        assertTrue(
                ferns.startsWith(
                        "---\ntitle: \"Ferns\"\nurl: \"" + base() + "/guide/a.html\"\n---\n"),
                ferns);
        assertTrue(ferns.contains("Ferns like **shade**."), ferns);
        assertTrue(ferns.contains("and water"), ferns);
        assertFalse(ferns.contains("Menu") || ferns.contains("Imprint"), ferns);
        var found = new ContentLibrary(dir.resolve("content")).search("shade for ferns", "", 1);
        assertEquals(base() + "/guide/a.html#ferns", found.getFirst().address());
    }

    @Test
    void fetchesOnlyWhatChangedAndDropsWhatIsGone() throws Exception {
        sync(site());
        assertEquals("0 new, 0 changed, 2 as they were, 0 gone, 0 failed", sync(site()));
        pages.put("/guide/b", html("Moss", "<p>Moss grows fast.</p>"));
        assertEquals("0 new, 1 changed, 1 as they were, 0 gone, 0 failed", sync(site()));
        assertTrue(page("guide/b.md").contains("fast"));
        sitemap("/guide/a.html");
        assertEquals("0 new, 0 changed, 1 as they were, 1 gone, 0 failed", sync(site()));
        assertFalse(Files.exists(dir.resolve("content/docs/guide/b.md")));
        pages.remove("/guide/a.html");
        assertEquals("0 new, 0 changed, 0 as they were, 1 gone, 0 failed", sync(site()));
    }

    @Test
    void aBadPageStaysAsItWasAndStopsNothing() throws Exception {
        sync(site());
        broken.put("/guide/a.html", 500);
        pages.put("/guide/new", html("New", "<p>New.</p>"));
        sitemap(
                "/guide/a.html",
                "/guide/b",
                "/guide/new",
                "/guide/with space",
                "ftp://site.example/x");
        assertEquals(
                "1 new, 0 changed, 1 as they were, 0 gone, 1 failed",
                sync(site())
                        .replaceFirst("[12] failed", "1 failed")
                        .replaceFirst("[01] gone", "0 gone"));
        assertTrue(page("guide/a.md").contains("shade"));
    }

    @Test
    void aSitemapThatCannotBeReadChangesNothing() throws Exception {
        sync(site());
        pages.put("/sitemap.xml", "<urlset><url>");
        assertEquals("not reached; all pages stay as they were", sync(site()));
        broken.put("/sitemap.xml", 503);
        assertEquals("not reached; all pages stay as they were", sync(site()));
        assertTrue(page("guide/a.md").contains("shade"));
    }

    @Test
    void robotsThatCannotBeHadForbidEverything() throws Exception {
        broken.put("/robots.txt", 500);
        assertEquals("0 new, 0 changed, 0 as they were, 0 gone, 0 failed", sync(site()));
        assertFalse(asked.contains("/guide/b"));
    }

    @Test
    void sitemapsLeadToSitemapsAndPrefixesChoose() throws Exception {
        pages.put("/map.xml", pages.get("/sitemap.xml"));
        pages.put("/blog/x", html("Blog", "<p>Blog.</p>"));
        pages.put(
                "/sitemap.xml",
                "<?xml version=\"1.0\"?><sitemapindex"
                        + " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>"
                        + base()
                        + "/map.xml</loc></sitemap></sitemapindex>");
        assertEquals(
                "2 new, 0 changed, 0 as they were, 0 gone, 0 failed",
                sync(site(List.of("/guide/"))));
    }

    /// A sitemap may name any address, also of the operator's own network.
    @Test
    void noPrivateAddressIsAsked() throws Exception {
        int port = server.getAddress().getPort();
        assertEquals(
                "not reached; all pages stay as they were", sync(site(), Loopback.strict(port)));
        assertEquals(List.of(), asked);
        sitemap("/guide/b");
        pages.put(
                "/sitemap.xml",
                pages.get("/sitemap.xml")
                        .replace("site.example:" + port + "/guide/b", "169.254.169.254/latest"));
        assertEquals("not reached; all pages stay as they were", sync(site()));
    }

    @Test
    void takesFoldersIncrementally() throws Exception {
        Path from = Files.createDirectories(dir.resolve("from/sub"));
        Files.writeString(from.resolve("one.md"), "# One\n\nText.");
        Files.writeString(from.resolve("two.html"), html("Two", "<p>Two.</p>"));
        Files.writeString(from.resolve(".env"), "SECRET=1");
        Files.write(from.resolve("bad.md"), new byte[] {1, 0, 2});
        Files.writeString(dir.resolve("outside.md"), "outside");
        Files.createSymbolicLink(from.resolve("link.md"), dir.resolve("outside.md"));
        var source = new Source.Folder("docs", dir.resolve("from"));
        assertEquals("2 new, 0 changed, 0 as they were, 0 gone, 1 failed", sync(source));
        assertEquals("# One\n\nText.", page("sub/one.md"));
        assertTrue(page("sub/two.md").contains("# Two"), page("sub/two.md"));
        Files.writeString(from.resolve("one.md"), "# One\n\nMore.");
        Files.delete(from.resolve("two.html"));
        assertEquals("0 new, 1 changed, 0 as they were, 1 gone, 1 failed", sync(source));
        assertEquals(
                "not reached; all pages stay as they were",
                sync(new Source.Folder("docs", dir.resolve("nowhere"))));
        assertEquals("# One\n\nMore.", page("sub/one.md"));
    }

    private void git(Path in, String... command) throws Exception {
        Process git =
                new ProcessBuilder(command)
                        .directory(in.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("git.log").toFile())
                        .start();
        assertEquals(0, git.waitFor(), () -> List.of(command).toString());
    }

    @Test
    void takesGitCheckoutsAndShowsThemAsSourceWhenAsked() throws Exception {
        Path repository = Files.createDirectories(dir.resolve("repository/docs"));
        Path root = dir.resolve("repository");
        git(root, "git", "init", "-q", "-b", "main");
        Files.writeString(repository.resolve("page.md"), "# Page\n\nFirst.");
        Files.writeString(root.resolve("Code.java"), "class Code {}");
        git(root, "git", "add", ".");
        String[] commit = {
            "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"
        };
        git(root, commit);
        var source = new Source.Git("docs", root.toUri().toString(), "main", "docs", true);
        assertEquals("1 new, 0 changed, 0 as they were, 0 gone, 0 failed", sync(source));
        assertEquals("class Code {}", Files.readString(dir.resolve("data/repos/docs/Code.java")));
        Files.writeString(repository.resolve("page.md"), "# Page\n\nSecond.");
        git(root, "git", "add", ".");
        git(root, commit);
        assertEquals("0 new, 1 changed, 0 as they were, 0 gone, 0 failed", sync(source));
        assertEquals("# Page\n\nSecond.", page("page.md"));
        assertEquals(
                "not reached; all pages stay as they were",
                sync(new Source.Git("docs", root.toUri().toString(), "nowhere", "docs", true)));
        assertEquals("# Page\n\nSecond.", page("page.md"));
    }

    @Test
    void namesOfFilesStayInTheFolder() {
        assertEquals("index.md", SiteSync.file("https://h.example/"));
        assertEquals("a/b.md", SiteSync.file("https://h.example/a/b.html"));
        assertEquals("etc/passwd.md", SiteSync.file("https://h.example/../../etc/passwd"));
        assertEquals("a-q-1.md", SiteSync.file("https://h.example/a?q=1"));
        assertEquals("env.md", SiteSync.file("https://h.example/.env"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sync: {sources: {a: {}}}",
                "sync: {sources: {A_b: {folder: /x}}}",
                "sync: {sources: {a: {folder: x}}}",
                "sync: {sources: {a: {sitemap: 'ftp://h/'}}}",
                "sync: {sources: {a: {git: --upload-pack=x}}}",
                "sync: {sources: {a: {git: /x, below: ../y}}}",
                "sync: {every_minutes: 0}",
                "sync: {source: {}}"
            })
    void saysWhatIsWrong(String yaml) {
        assertThrows(BadFile.class, () -> SyncPlan.read(YamlSection.parse("worker.yml", yaml)));
    }
}
