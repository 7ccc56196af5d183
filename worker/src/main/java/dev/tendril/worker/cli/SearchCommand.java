package dev.tendril.worker.cli;

import jakarta.inject.Singleton;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tendril worker search`.
@Singleton
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Shows which pages the worker finds for a question, as its tools and the guide would."
                    + " Without QUESTION it takes one from each line of standard input and ends each"
                    + " answer with an empty line.",
            ""
        },
        footerHeading = "%nExample:%n",
        footer = {"  tendril worker search --content pages 'how do I reset my password'", ""})
public final class SearchCommand implements Callable<Integer> {
    private final ContentQuestions questions;
    private Map<String, String> environment = System.getenv();
    private InputStream stdin = System.in;

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--content",
            paramLabel = "DIR",
            description = "folder of markdown pages (default DATA-DIR/content)")
    @Nullable String content;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "3",
            description = "at most so many passages, 1 to 50 (default ${DEFAULT-VALUE})")
    int limit = 3;

    @Parameters(paramLabel = "QUESTION", arity = "0..*")
    @Nullable List<String> question;

    /// @param questions answered by the index
    public SearchCommand(ContentQuestions questions) {
        this.questions = questions;
    }

    /// Another environment and standard input than the process's own, for tests.
    void world(Map<String, String> variables, InputStream input) {
        environment = variables;
        stdin = input;
    }

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        String given = content == null ? environment.get("TENDRIL_CONTENT") : content;
        Path folder =
                given == null
                        ? DataDir.of(dataDir, environment).resolve("content")
                        : Path.of(given);
        if (!Files.isDirectory(folder)) {
            throw new ParameterException(
                    spec.commandLine(), "--content names " + folder + ", which is no folder.");
        }
        if (limit < 1 || limit > 50) {
            throw new ParameterException(spec.commandLine(), "--limit is a number from 1 to 50.");
        }
        PrintWriter out = spec.commandLine().getOut();
        Function<String, List<ContentQuestions.Found>> index = questions.over(folder, limit);
        if (question != null && !question.isEmpty()) {
            print(index.apply(String.join(" ", question)), out);
        } else {
            var lines = new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                print(index.apply(line), out);
                out.println();
                out.flush();
            }
        }
        out.flush();
        return Exit.OK;
    }

    private static void print(List<ContentQuestions.Found> all, PrintWriter out) {
        for (ContentQuestions.Found found : all) {
            out.println(
                    String.format(Locale.ROOT, "%.2f", found.score())
                            + "\t"
                            + found.page()
                            + "\t"
                            + found.title().replaceAll("\\p{Cntrl}", " ")
                            + "\t"
                            + found.address());
        }
    }
}
