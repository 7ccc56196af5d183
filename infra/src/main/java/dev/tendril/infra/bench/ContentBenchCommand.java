package dev.tendril.infra.bench;

import static java.util.Objects.requireNonNull;

import dev.tendril.infra.house.Jars;
import dev.tendril.infra.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench content`: how often the worker's index finds the right page for a visitor's question.
@Command(
        name = "content",
        mixinStandardHelpOptions = true,
        description = {
            "Asks the worker's content index questions in a visitor's words about the documentation"
                    + " of",
            "a product that does not exist, and counts how often a page that answers stands among"
                    + " the",
            "first three. Lists the misses. Exits 1 below --least."
        })
public final class ContentBenchCommand implements Callable<Integer> {
    private static final String FOLDER = "/bench/content/";
    private static final int MOST = 3;

    @Option(
            names = "--least",
            defaultValue = "0.9",
            description = "The least share of questions with a hit. Default: ${DEFAULT-VALUE}.")
    private double least;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    /// For picocli.
    public ContentBenchCommand() {}

    /// @param text as a visitor asks
    /// @param pages that answer it
    record Question(String text, Set<String> pages) {}

    /// @param question that was asked
    /// @param found pages in their order, each once
    record Asked(Question question, List<String> found) {
        /// Place of the first page that answers, from 1; 0 when there is none.
        int rank() {
            for (int i = 0; i < found.size(); i++) {
                if (question.pages().contains(found.get(i))) {
                    return i + 1;
                }
            }
            return 0;
        }
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = requireNonNull(spec).commandLine().getOut();
        Path folder = Files.createTempDirectory("tendril-bench-content");
        List<String> pages = lines("pages.txt");
        for (String page : pages) {
            try (InputStream in = resource(page)) {
                Files.copy(in, folder.resolve(page));
            }
        }
        List<Asked> asked = ask(folder, questions());
        int hits = (int) asked.stream().filter(a -> a.rank() > 0).count();
        int first = (int) asked.stream().filter(a -> a.rank() == 1).count();
        double share = (double) hits / asked.size();
        List<Asked> misses = asked.stream().filter(a -> a.rank() == 0).toList();
        if (json) {
            out.println(
                    new String(
                            Json.bytes(
                                    Json.object(
                                            "pages", pages.size(),
                                            "questions", asked.size(),
                                            "hitAt1", round((double) first / asked.size()),
                                            "hitAt3", round(share),
                                            "misses",
                                                    misses.stream()
                                                            .map(m -> m.question().text())
                                                            .toList())),
                            StandardCharsets.UTF_8));
        } else {
            out.println(pages.size() + " pages, " + asked.size() + " questions");
            out.println("hit@1  " + round((double) first / asked.size()));
            out.println("hit@3  " + round(share) + "  (" + misses.size() + " misses)");
            for (Asked miss : misses) {
                out.println("  miss  " + miss.question().text());
                out.println("        wanted " + String.join(", ", miss.question().pages()));
                out.println("        found  " + String.join(", ", miss.found()));
            }
        }
        out.flush();
        return share >= least ? 0 : 1;
    }

    private static String round(double share) {
        return String.format(Locale.ROOT, "%.3f", share);
    }

    static List<Question> questions() throws IOException {
        List<Question> questions = new ArrayList<>();
        for (String line : lines("questions.tsv")) {
            if (!line.startsWith("#")) {
                String[] columns = line.split("\t", -1);
                Set<String> pages = new LinkedHashSet<>(Arrays.asList(columns[1].split(",", -1)));
                questions.add(new Question(columns[0], pages));
            }
        }
        return questions;
    }

    /// The built worker answers, so what is measured is what is shipped.
    private static List<Asked> ask(Path folder, List<Question> questions) throws IOException {
        List<String> command =
                Jars.ofThisBuild()
                        .command(
                                "worker",
                                "search",
                                "--content",
                                folder.toString(),
                                "--limit",
                                Integer.toString(3 * MOST));
        Process worker =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<Asked> asked = new ArrayList<>();
        try (var in = worker.outputWriter(StandardCharsets.UTF_8);
                BufferedReader answers = worker.inputReader(StandardCharsets.UTF_8)) {
            for (Question question : questions) {
                in.write(question.text() + "\n");
                in.flush();
                asked.add(new Asked(question, pages(answers)));
            }
        } finally {
            worker.destroy();
        }
        return asked;
    }

    private static List<String> pages(BufferedReader answers) throws IOException {
        Set<String> pages = new LinkedHashSet<>();
        for (String line = answers.readLine(); ; line = answers.readLine()) {
            if (line == null) {
                throw new IOException("the worker ended early");
            }
            if (line.isEmpty()) {
                return pages.stream().limit(MOST).toList();
            }
            String[] columns = line.split("\t", -1);
            if (columns.length == 4) {
                pages.add(columns[1]);
            }
        }
    }

    private static List<String> lines(String name) throws IOException {
        try (var in =
                new BufferedReader(new InputStreamReader(resource(name), StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private static InputStream resource(String name) {
        return requireNonNull(ContentBenchCommand.class.getResourceAsStream(FOLDER + name), name);
    }
}
