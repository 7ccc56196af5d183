package dev.tendril.worker.cli;

import dev.tendril.contract.run.Tags;
import dev.tendril.worker.auth.WorkerToken;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelTimeouts;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tendril worker run`.
@Singleton
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpWidth = 96,
        description = {
            "Runs the worker until it is told to stop (Ctrl-C or SIGTERM): it then takes no new"
                    + " work, finishes or hands back what it has, and exits.",
            "",
            "While the relay is away the worker keeps looking for it. It never listens on a port.",
            ""
        },
        footerHeading = "%n",
        footer = {
            "Environment: TENDRIL_RELAY_URL, TENDRIL_WORKER_TOKEN_FILE, TENDRIL_WORKER_DATA_DIR,"
                    + " TENDRIL_MODEL_URL, TENDRIL_MODEL, TENDRIL_MODEL_KEY_FILE, TENDRIL_CONTENT,"
                    + " TENDRIL_PERSONA, TENDRIL_POLICY, TENDRIL_WORKER_CONFIG, TENDRIL_OFFERS and"
                    + " TENDRIL_SEARCH_URL stand in for the options. TENDRIL_WORKER_TOKEN and"
                    + " TENDRIL_MODEL_KEY hold the secret itself; a file is better, since other"
                    + " programs of the same user can read a process's environment.",
            "",
            "Examples:",
            "  tendril worker run --relay https://chat.example.org --token-file token",
            "      answers from the built-in guide, which quotes the pages in --content",
            "  tendril worker run --relay … --token-file token --model-url http://127.0.0.1:11434",
            "      Ollama; llama.cpp (:8080), vLLM (:8000) and LM Studio (:1234) likewise",
            "  tendril worker run --relay … --token-file token \\",
            "        --model-url https://api.openai.com --model gpt-4.1-mini --model-key-file key",
            "  pass show tendril | tendril worker run --relay … --token-file -",
            ""
        },
        exitCodeListHeading = "Exit values:%n",
        exitCodeList = {
            "0:drained, as asked",
            "1:something unforeseen; the log has it",
            "2:a wrong or missing option, or a file that it names cannot be read",
            "3:the relay does not accept the token or the key",
            "4:the data directory cannot be used",
            "143:ended by SIGTERM, after draining (130 by Ctrl-C)"
        })
public final class RunCommand implements Callable<Integer> {
    private static final int MAX_KEY_BYTES = 8192;

    private final WorkerStart start;
    private Map<String, String> environment = System.getenv();
    private InputStream stdin = System.in;

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--relay",
            paramLabel = "URL",
            description = "the relay, such as https://chat.example.org")
    @Nullable String relay;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "file with the worker's token; - reads it from standard input")
    @Nullable String tokenFile;

    @Option(names = "--token", hidden = true, arity = "0..1")
    @Nullable String token;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "where its key, persona and pages are (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    @Option(
            names = "--model-url",
            paramLabel = "URL",
            description =
                    "an OpenAI-compatible endpoint, with or without /v1; without this option the"
                            + " built-in guide answers, which is no language model")
    @Nullable String modelUrl;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "the model's name there; without it the first that the endpoint lists")
    @Nullable String model;

    @Option(
            names = "--model-key-file",
            paramLabel = "FILE",
            description = "file with the endpoint's API key")
    @Nullable String modelKeyFile;

    @Option(
            names = "--model-timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description =
                    "how long the model may take to begin an answer, 1 to 540 (default"
                            + " ${DEFAULT-VALUE})")
    int modelTimeout = 120;

    @Option(
            names = "--model-idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "the longest silence in the middle of an answer, 1 to 540 (default"
                            + " ${DEFAULT-VALUE})")
    int modelIdleTimeout = 60;

    @Option(
            names = "--content",
            paramLabel = "DIR",
            description =
                    "folder of markdown pages for the guide; without it the pages about Tendril in"
                            + " DATA-DIR/content")
    @Nullable String content;

    @Option(
            names = "--persona",
            paramLabel = "FILE",
            description = "markdown that tells the model who it is (default DATA-DIR/persona.md)")
    @Nullable String persona;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "what visitors' and operators' turns may do (default DATA-DIR/policy.yml;"
                            + " without that file only what is safe); see tendril worker policy check")
    @Nullable String policy;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "model profiles and what else is not a flag (default DATA-DIR/worker.yml, which"
                            + " need not exist); --model-url goes before its models")
    @Nullable String config;

    @Option(
            names = "--search-url",
            paramLabel = "URL",
            description = "a SearXNG for the tool search_web, which the policy must grant")
    @Nullable String searchUrl;

    @Option(
            names = "--history-chars",
            paramLabel = "N",
            defaultValue = "24000",
            description =
                    "how much of a chat the model is shown, 1000 to 2000000 characters (default"
                            + " ${DEFAULT-VALUE}, about 6000 tokens)")
    int historyChars = 24_000;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "4",
            description = "answers at once, 1 to 64 (default ${DEFAULT-VALUE})")
    int concurrency = 4;

    @Option(
            names = "--offers",
            paramLabel = "TAGS",
            description =
                    "what runs may need from this worker, such as tools,terminal; its model's tag"
                            + " (model:NAME) and kind (llm or guide) are added")
    @Nullable String offers;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description =
                    "how long running answers may go on when the worker stops, 0 to 600 (default"
                            + " ${DEFAULT-VALUE}); what is left is handed back to the relay")
    int drain = 5;

    @Option(
            names = "--parent-pid",
            paramLabel = "PID",
            description = "stop when this process is gone")
    @Nullable Long parentPid;

    @Option(
            names = "--log-format",
            paramLabel = "json|text",
            defaultValue = "json",
            description = "how the log on standard output looks (default ${DEFAULT-VALUE})")
    String logFormat = "json";

    /// @param start runs what was asked for
    public RunCommand(WorkerStart start) {
        this.start = start;
    }

    /// Another environment and standard input than the process's own, for tests.
    void world(Map<String, String> variables, InputStream input) {
        environment = variables;
        stdin = input;
    }

    @Override
    public Integer call() throws CannotStart {
        return start.run(settings());
    }

    private Settings settings() {
        if (!logFormat.equals("json") && !logFormat.equals("text")) {
            throw wrong("--log-format is json or text.");
        }
        Path data = DataDir.of(dataDir, environment);
        return new Settings(
                relay(),
                token(),
                data,
                config(data),
                new Settings.Model(
                        endpoint(),
                        new ModelTimeouts(
                                Duration.ofSeconds(within("--model-timeout", modelTimeout, 1, 540)),
                                Duration.ofSeconds(
                                        within("--model-idle-timeout", modelIdleTimeout, 1, 540)))),
                new Settings.Site(content(), persona(), policy(), search()),
                new Settings.Limits(
                        within("--concurrency", concurrency, 1, 64),
                        within("--history-chars", historyChars, 1_000, 2_000_000),
                        Duration.ofSeconds(within("--drain", drain, 0, 600)),
                        parentPid),
                offers());
    }

    private List<String> offers() {
        String given = value(offers, "TENDRIL_OFFERS");
        List<String> tags =
                given == null
                        ? List.of()
                        : Stream.of(given.split(",", -1)).map(String::strip).toList();
        // The worker adds two: its model's name and kind.
        if (!Tags.valid(tags) || tags.size() > Tags.MOST - 2) {
            throw wrong("--offers takes up to 14 tags such as tools,terminal.");
        }
        return tags;
    }

    private URI relay() {
        String given = value(relay, "TENDRIL_RELAY_URL");
        if (given == null) {
            throw wrong("Say where the relay is, with --relay https://….");
        }
        try {
            URI uri = URI.create(given.strip());
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean bare =
                    uri.getUserInfo() == null
                            && uri.getQuery() == null
                            && uri.getFragment() == null;
            if (http && uri.getHost() != null && bare) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below, without repeating what may hold a secret.
        }
        throw wrong(
                "--relay takes an http:// or https:// URL with a host and nothing secret in it.");
    }

    private WorkerToken token() {
        if (token != null || (tokenFile != null && tokenFile.startsWith("tnd_wk_"))) {
            throw wrong(
                    "A token on the command line could be read by every user of this machine; put"
                            + " it into a file and name that with --token-file.");
        }
        String file = value(tokenFile, "TENDRIL_WORKER_TOKEN_FILE");
        String inline = environment.get("TENDRIL_WORKER_TOKEN");
        if (file == null && (inline == null || inline.isBlank())) {
            throw wrong("Name the file with the worker's token, with --token-file FILE.");
        }
        try {
            if ("-".equals(file)) {
                return WorkerToken.read(stdin);
            }
            if (file != null) {
                return WorkerToken.read(Path.of(file));
            }
            say(
                    "Warning: the token comes from TENDRIL_WORKER_TOKEN; a file (--token-file) is"
                            + " safer.");
            return WorkerToken.parse(String.valueOf(inline));
        } catch (IllegalArgumentException e) {
            String from =
                    file == null
                            ? "The token in TENDRIL_WORKER_TOKEN"
                            : "-".equals(file)
                                    ? "The token on standard input"
                                    : "The token file " + file;
            throw wrong(from + " cannot be used: " + e.getMessage() + ".");
        }
    }

    private @Nullable ModelEndpoint endpoint() {
        String url = value(modelUrl, "TENDRIL_MODEL_URL");
        String name = value(model, "TENDRIL_MODEL");
        if (url == null) {
            if (name != null && !name.equals("guide")) {
                throw wrong("--model names a model at an endpoint; add --model-url.");
            }
            return null;
        }
        try {
            return ModelEndpoint.of(url, key(), name);
        } catch (IllegalArgumentException e) {
            throw wrong("--model-url cannot be used: " + e.getMessage() + ".");
        }
    }

    private @Nullable String key() {
        String file = value(modelKeyFile, "TENDRIL_MODEL_KEY_FILE");
        String key = environment.get("TENDRIL_MODEL_KEY");
        if (file != null) {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                key = new String(in.readNBytes(MAX_KEY_BYTES), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw wrong("The model's key file " + file + " cannot be read.");
            }
        }
        if (key == null || key.isBlank()) {
            if (file != null) {
                throw wrong("The model's key file " + file + " is empty.");
            }
            return null;
        }
        String stripped = key.strip();
        if (!stripped.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw wrong("The model's key has characters that no header can carry.");
        }
        return stripped;
    }

    private @Nullable Path content() {
        String given = value(content, "TENDRIL_CONTENT");
        if (given == null) {
            return null;
        }
        Path folder = Path.of(given);
        if (!Files.isDirectory(folder)) {
            throw wrong("--content names " + given + ", which is no folder.");
        }
        return folder.toAbsolutePath();
    }

    private @Nullable Path persona() {
        String given = value(persona, "TENDRIL_PERSONA");
        if (given == null) {
            return null;
        }
        Path file = Path.of(given);
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw wrong("--persona names " + given + ", which cannot be read.");
        }
        return file.toAbsolutePath();
    }

    private @Nullable Path policy() {
        String given = value(policy, "TENDRIL_POLICY");
        if (given == null) {
            return null;
        }
        Path file = Path.of(given);
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw wrong("--policy names " + given + ", which cannot be read.");
        }
        return file.toAbsolutePath();
    }

    private Path config(Path data) {
        String given = value(config, "TENDRIL_WORKER_CONFIG");
        if (given == null) {
            return data.resolve("worker.yml");
        }
        Path file = Path.of(given);
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw wrong("--config names " + given + ", which cannot be read.");
        }
        return file.toAbsolutePath();
    }

    private @Nullable URI search() {
        String given = value(searchUrl, "TENDRIL_SEARCH_URL");
        if (given == null) {
            return null;
        }
        try {
            URI uri = URI.create(given.strip());
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw wrong("--search-url takes an http:// or https:// URL with a host.");
    }

    private @Nullable String value(@Nullable String option, String variable) {
        if (option != null && !option.isBlank()) {
            return option;
        }
        String set = environment.get(variable);
        return set == null || set.isBlank() ? null : set;
    }

    private int within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong(option + " is a number from " + least + " to " + most + ".");
        }
        return value;
    }

    private void say(String sentence) {
        if (spec != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(sentence);
            err.flush();
        }
    }

    private ParameterException wrong(String sentence) {
        if (spec == null) {
            throw new IllegalStateException(sentence);
        }
        return new ParameterException(spec.commandLine(), sentence);
    }
}
