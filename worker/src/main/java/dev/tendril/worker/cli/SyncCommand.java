package dev.tendril.worker.cli;

import jakarta.inject.Singleton;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tendril worker sync`.
@Singleton
@Command(
        name = "sync",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Brings the pages of worker.yml's sources into the content folder: a site by its"
                    + " sitemap, folders, git checkouts. Fetches only what has changed. A running"
                    + " worker sees new pages by itself. Exits 1 when a source was not reached.",
            ""
        })
public final class SyncCommand implements Callable<Integer> {
    private final SyncStart start;
    private Map<String, String> environment = System.getenv();

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the worker's file (default DATA-DIR/worker.yml)")
    @Nullable String config;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    @Option(
            names = "--content",
            paramLabel = "DIR",
            description = "folder of pages (default DATA-DIR/content)")
    @Nullable String content;

    @Parameters(
            paramLabel = "SOURCE",
            arity = "0..*",
            description = "as worker.yml names it; all without it")
    @Nullable List<String> sources;

    /// @param start syncs
    public SyncCommand(SyncStart start) {
        this.start = start;
    }

    /// Another environment than the process's own, for tests.
    void world(Map<String, String> variables) {
        environment = variables;
    }

    @Override
    public Integer call() throws CannotStart {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        Path data = DataDir.of(dataDir, environment);
        Map<String, String> done = new LinkedHashMap<>();
        boolean whole =
                start.sync(
                        path(config, "TENDRIL_WORKER_CONFIG", data.resolve("worker.yml")),
                        data,
                        path(content, "TENDRIL_CONTENT", data.resolve("content")),
                        sources == null ? List.of() : sources,
                        done);
        PrintWriter out = spec.commandLine().getOut();
        done.forEach((source, what) -> out.println(source + "\t" + what));
        out.flush();
        return whole ? Exit.OK : Exit.BROKEN;
    }

    private Path path(@Nullable String given, String variable, Path otherwise) {
        String set = given == null ? environment.get(variable) : given;
        return set == null || set.isBlank() ? otherwise : Path.of(set).toAbsolutePath();
    }
}
