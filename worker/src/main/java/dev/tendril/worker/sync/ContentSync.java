package dev.tendril.worker.sync;

import dev.tendril.worker.tool.web.SiteFetcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Syncs sources, one after the other.
public final class ContentSync {
    private static final Logger LOG = LoggerFactory.getLogger(ContentSync.class);
    private static final Duration FIRST = Duration.ofSeconds(10);

    private final Path content;
    private final Path dataDir;
    private final SiteFetcher fetcher;

    /// @param content folder of pages
    /// @param dataDir for checkouts and for what is remembered of pages
    /// @param fetcher of sites
    public ContentSync(Path content, Path dataDir, SiteFetcher fetcher) {
        this.content = content;
        this.dataDir = dataDir;
        this.fetcher = fetcher;
    }

    /// Syncs once. A source that fails stops no other.
    ///
    /// @return what was done, by the sources' names
    public synchronized Map<String, Tally> run(List<Source> sources) throws InterruptedException {
        Map<String, Tally> tallies = new LinkedHashMap<>();
        for (Source source : sources) {
            Tally tally = new Tally();
            tallies.put(source.name(), tally);
            try {
                run(source, tally);
                LOG.info("Synced {}: {}", source.name(), tally);
            } catch (IOException | RuntimeException e) {
                tally.unreached();
                LOG.warn("The source {} could not be synced: {}", source.name(), e.toString());
            }
        }
        return tallies;
    }

    private void run(Source source, Tally tally) throws IOException, InterruptedException {
        Path memories = dataDir.resolve("sync");
        SourceFolder to = SourceFolder.open(content, memories, source.name());
        try {
            switch (source) {
                case Source.Site site -> new SiteSync(site, fetcher, to, tally).run();
                case Source.Folder folder -> FolderSync.run(folder.folder(), to, tally);
                case Source.Git git -> {
                    Path checkout =
                            git.readable()
                                    ? dataDir.resolve("repos").resolve(git.name())
                                    : memories.resolve("git").resolve(git.name());
                    if (GitSync.update(git, checkout)) {
                        FolderSync.run(checkout.resolve(git.below()), to, tally);
                    } else {
                        tally.unreached();
                    }
                }
            }
        } finally {
            to.store();
        }
    }

    /// Syncs every so often until the process ends; the first time soon after the start.
    public void schedule(SyncPlan plan) {
        Duration every = plan.every();
        if (every == null || plan.sources().isEmpty()) {
            return;
        }
        Thread.ofVirtual()
                .name("content-sync")
                .start(() -> {
                    try {
                        CountDownLatch never = new CountDownLatch(1);
                        Duration wait = FIRST;
                        while (!never.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                            run(plan.sources());
                            wait = every;
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }
}
