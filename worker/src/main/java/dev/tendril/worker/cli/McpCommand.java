package dev.tendril.worker.cli;

import jakarta.inject.Singleton;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `tendril worker mcp`: what MCP servers offer, and a person's consent to it.
@Singleton
@Command(
        name = "mcp",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Shows what the MCP servers of worker.yml offer, and approves it. A tool that was not"
                    + " approved, or changed since, does not exist for the worker; a running worker"
                    + " sees a new approval after its next start.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tendril worker mcp list",
            "  tendril worker mcp approve tickets find_ticket",
            ""
        })
public final class McpCommand implements Runnable {
    private final McpQuestions questions;
    private Map<String, String> environment = System.getenv();

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "the worker's file (default DATA-DIR/worker.yml)")
    @Nullable String config;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    /// @param questions answered by the servers
    public McpCommand(McpQuestions questions) {
        this.questions = questions;
    }

    /// Another environment than the process's own, for tests.
    void world(Map<String, String> variables) {
        environment = variables;
    }

    @Override
    public void run() {
        throw new ParameterException(spec().commandLine(), "Say what to do: list or approve.");
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return spec;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Asks each server. One line for each tool: state, name for models and policies,"
                            + " server and tool. Exits 1 when a server does not answer.")
    int list() throws CannotStart {
        List<String> unreachable = new ArrayList<>();
        PrintWriter out = spec().commandLine().getOut();
        for (McpQuestions.Row row : questions.list(file(), folder(), unreachable)) {
            out.println(
                    String.join(
                            "\t",
                            row.state(),
                            row.name(),
                            row.server() + " " + visible(row.tool())));
        }
        for (String server : unreachable) {
            out.println("unreachable\t-\t" + server);
        }
        out.flush();
        return unreachable.isEmpty() ? Exit.OK : Exit.BROKEN;
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description =
                    "Approves what a server offers now, and prints it: read it, since models will."
                            + " The policy must grant the tool too.")
    int approve(
            @Parameters(paramLabel = "SERVER", description = "as worker.yml names it")
                    String server,
            @Parameters(
                            paramLabel = "TOOL",
                            arity = "0..*",
                            description = "as the server names it; all without it")
                    @Nullable List<String> tools)
            throws CannotStart {
        PrintWriter out = spec().commandLine().getOut();
        List<McpQuestions.Row> rows =
                questions.approve(file(), folder(), server, tools == null ? List.of() : tools);
        for (McpQuestions.Row row : rows) {
            out.println(row.state() + "\t" + row.name());
            out.println(visible(row.description()).indent(2).stripTrailing());
            out.println("  " + visible(row.schema()));
        }
        out.flush();
        return Exit.OK;
    }

    /// What a server wrote must not move the cursor of whoever decides about it.
    private static String visible(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\n]]|\\p{Cf}", "?");
    }

    private Path file() {
        String given = config == null ? environment.get("TENDRIL_WORKER_CONFIG") : config;
        return given == null ? folder().resolve("worker.yml") : Path.of(given).toAbsolutePath();
    }

    private Path folder() {
        return DataDir.of(dataDir, environment);
    }
}
