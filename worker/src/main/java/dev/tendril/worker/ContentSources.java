package dev.tendril.worker;

import dev.tendril.worker.cli.CannotStart;
import dev.tendril.worker.cli.Exit;
import dev.tendril.worker.cli.SyncStart;
import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.sync.ContentSync;
import dev.tendril.worker.sync.Source;
import dev.tendril.worker.sync.Tally;
import dev.tendril.worker.tool.web.SiteFetcher;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Syncs the sources of `worker.yml`.
@Singleton
final class ContentSources implements SyncStart {
    @Override
    public boolean sync(
            Path config, Path dataDir, Path content, List<String> names, Map<String, String> say)
            throws CannotStart {
        List<Source> all = sources(config);
        for (String name : names) {
            if (all.stream().noneMatch(source -> source.name().equals(name))) {
                throw new CannotStart(Exit.USAGE, config + " names no source " + name + ".");
            }
        }
        if (all.isEmpty()) {
            throw new CannotStart(
                    Exit.USAGE, config + " names no source; see docs/worker.md for the key sync.");
        }
        List<Source> chosen =
                all.stream()
                        .filter(source -> names.isEmpty() || names.contains(source.name()))
                        .toList();
        try {
            Map<String, Tally> tallies =
                    new ContentSync(content, dataDir, new SiteFetcher()).run(chosen);
            tallies.forEach((name, tally) -> say.put(name, tally.toString()));
            return tallies.values().stream().allMatch(Tally::reached);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static List<Source> sources(Path config) throws CannotStart {
        try {
            return WorkerFile.load(config, System.getenv()).sync().sources();
        } catch (BadFile e) {
            throw new CannotStart(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
