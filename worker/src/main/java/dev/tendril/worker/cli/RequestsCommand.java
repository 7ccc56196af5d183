package dev.tendril.worker.cli;

import dev.tendril.worker.tool.visitor.Requests;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `tendril worker requests`.
@Singleton
@Command(
        name = "requests",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Shows what visitors asked for through file_request, the oldest first: time, chat,"
                    + " title, and below it the text. It stands in DATA-DIR/requests.jsonl; delete the"
                    + " file when all is read.",
            ""
        })
public final class RequestsCommand implements Callable<Integer> {
    private Map<String, String> environment = System.getenv();

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "50",
            description = "only the last so many (default ${DEFAULT-VALUE})")
    int last = 50;

    /// Another environment than the process's own, for tests.
    void world(Map<String, String> variables) {
        environment = variables;
    }

    @Override
    public Integer call() throws CannotStart {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        Path folder = DataDir.of(dataDir, environment);
        List<Requests.Filed> all;
        try {
            all = Requests.read(folder.resolve("requests.jsonl"));
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.DATA, "The requests in " + folder + " cannot be read (" + e + ").");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (all.isEmpty()) {
            out.println("No request has been filed.");
        }
        for (Requests.Filed one : all.subList(Math.max(0, all.size() - last), all.size())) {
            out.println(one.at() + "\t" + visible(one.visitor()) + "\t" + visible(one.title()));
            out.println(visible(one.text()).indent(2).stripTrailing());
        }
        out.flush();
        return Exit.OK;
    }

    /// A visitor's words must not reach the terminal as control characters.
    private static String visible(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\n]]|\\p{Cf}", "?");
    }
}
