package dev.tendril.worker;

import dev.tendril.worker.cli.CannotStart;
import dev.tendril.worker.cli.Exit;
import dev.tendril.worker.cli.WorkerCommand;
import io.micronaut.configuration.picocli.MicronautFactory;
import io.micronaut.context.ApplicationContext;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;

/// The program `tendril worker`.
public final class Main {
    private static final String LOG_FORMAT = "tendril.log.format";

    private Main() {}

    /// Runs one command and ends the process with its exit value.
    public static void main(String[] args) {
        System.exit(
                run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
    }

    /// Runs one command.
    ///
    /// @return exit value
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        chooseLogFormat(List.of(args));
        try (ApplicationContext context =
                ApplicationContext.builder()
                        .banner(false)
                        .deduceEnvironment(false)
                        .environmentPropertySource(false)
                        .start()) {
            var commandLine =
                    new CommandLine(WorkerCommand.class, new MicronautFactory(context))
                            .setOut(out)
                            .setErr(err)
                            .setCaseInsensitiveEnumValuesAllowed(true)
                            .setParameterExceptionHandler(Main::wrong)
                            .setExecutionExceptionHandler(Main::failed);
            return commandLine.execute(args);
        }
    }

    /// Before the first logger is made, hence before the command line is parsed.
    private static void chooseLogFormat(List<String> args) {
        int at = args.indexOf("--log-format");
        if (args.contains("--log-format=text")
                || (at >= 0 && at + 1 < args.size() && args.get(at + 1).equals("text"))) {
            System.setProperty(LOG_FORMAT, "text");
        }
    }

    /// One sentence, never the usage text, and never a token that was typed by mistake.
    private static int wrong(CommandLine.ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String sentence = String.valueOf(e.getMessage()).replaceAll("tnd_wk_\\w+", "tnd_wk_…");
        command.getErr().println("tendril worker: " + sentence.lines().findFirst().orElse(""));
        command.getErr()
                .println(
                        "Try '"
                                + command.getCommandSpec().qualifiedName()
                                + " --help' for the options.");
        return Exit.USAGE;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (e instanceof CannotStart known) {
            command.getErr().println("tendril worker: " + known.getMessage());
            return known.exit();
        }
        throw e;
    }
}
