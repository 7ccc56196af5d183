package dev.tendril.relay.up;

import dev.tendril.service.postgres.PostgresFailure;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The command line of `tendril up`. Exit values: 0 after `--help`, 1 when it cannot start, 2 for
/// wrong usage, 130 and 143 after Ctrl-C and SIGTERM.
@Command(
        name = "tendril up",
        sortOptions = false,
        usageHelpWidth = 96,
        description = {
            "Runs relay, worker and a PostgreSQL of its own on this machine, until Ctrl-C.",
            "",
            "The model is, in this order: --model-url, an Ollama on 127.0.0.1:11434, else the"
                    + " built-in guide, which is no language model and answers from the bundled"
                    + " pages.",
            ""
        },
        footer = {
            "",
            "Environment: TENDRIL_MODEL_URL, TENDRIL_MODEL, TENDRIL_MODEL_KEY_FILE and"
                    + " TENDRIL_MODEL_KEY stand in for the options;",
            "TENDRIL_DATABASE_URL or TENDRIL_DATABASE_URL_FILE names a PostgreSQL 18 server to use"
                    + " instead.",
            "",
            "Examples:",
            "  ./tendril up",
            "  ./tendril up --model-url http://127.0.0.1:8000/v1 --model my-model",
            "  ./tendril up --model guide --port 0 --json"
        })
public final class Up implements Callable<Integer> {
    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "port of the pages on 127.0.0.1; 0 takes a free one (default 8080)")
    int port = 8080;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "where everything is kept (default $XDG_DATA_HOME/tendril when that is set,"
                            + " else ~/.tendril)")
    @Nullable Path dataDir;

    @Option(
            names = "--model-url",
            paramLabel = "URL",
            description = "an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1")
    @Nullable String modelUrl;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "the model's name there; `guide` is the built-in one")
    @Nullable String model;

    @Option(
            names = "--model-key-file",
            paramLabel = "FILE",
            description = "a file with the endpoint's key")
    @Nullable Path modelKeyFile;

    @Option(names = "--json", description = "print one line of JSON when ready, instead of the box")
    boolean json;

    @Option(names = "--no-browser", description = "do not open the page")
    boolean noBrowser;

    @Option(names = "--timing", description = "say on standard error what took how long")
    boolean timing;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this text")
    boolean help;

    /// For `./tendril` after a build: comes up once, and writes start-up caches beside the jars.
    @Option(names = "--train", hidden = true)
    boolean train;

    public static void main(String[] args) {
        var line =
                new CommandLine(new Up())
                        .setParameterExceptionHandler((wrong, _) -> {
                            System.err.println(
                                    "tendril: "
                                            + wrong.getMessage()
                                            + "; ./tendril up --help names the options.");
                            return CommandLine.ExitCode.USAGE;
                        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() {
        try {
            if (port < 0 || port > 65_535) {
                throw new UpFailure("--port takes a number from 0 to 65535.");
            }
            new Supervisor(this, new Console(json)).run();
            return 0;
        } catch (UpFailure | PostgresFailure e) {
            System.err.println("tendril: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }
}
