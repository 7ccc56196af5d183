package dev.tendril.relay.cli;

import dev.tendril.relay.up.Up;
import dev.tendril.service.postgres.PostgresFailure;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `relay`: the root of all commands.
@Command(
        name = "relay",
        description = {
            "The public half of Tendril: serves chat pages, keeps the queue, and passes answers from"
                    + " a worker that only dials out to the visitors who asked.",
            ""
        },
        footer = {
            "",
            "The database is the PostgreSQL 18 server that TENDRIL_DATABASE_URL or"
                    + " TENDRIL_DATABASE_URL_FILE names (postgres://user:password@host:port/name),",
            "else one of our own below --data-dir.",
            "",
            "First steps:",
            "  relay workspace create home --title \"Home\"     a place that visitors open at /c/home",
            "  relay code create --site home                  an access code for its visitors",
            "  relay token create --site home --name attic    a token for the worker that answers",
            "  relay serve --port 8080                        and listen"
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = RelayCommand.Version.class,
        subcommands = {
            Up.class,
            ServeCommand.class,
            WorkspaceCommand.class,
            CodeCommand.class,
            TokenCommand.class,
            RunCommand.class,
            ShareCommand.class
        })
public final class RelayCommand {

    RelayCommand() {}

    /// Runs a command line.
    ///
    /// @return 0 done, 1 failed with a sentence on standard error, 2 wrong usage
    public static int run(String... args) {
        if (!List.of(args).contains("serve")) {
            // Read by logback.xml: what a command prints is for people and scripts.
            System.setProperty("tendril.log.target", "System.err");
            System.setProperty("tendril.log.level", "WARN");
        }
        return new CommandLine(new RelayCommand())
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler((failure, _, _) -> explain(failure))
                .execute(args);
    }

    private static int explain(Exception failure) throws Exception {
        if (failure instanceof RelayFailure || failure instanceof PostgresFailure) {
            System.err.println("relay: " + failure.getMessage());
            return 1;
        }
        throw failure;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = RelayCommand.class.getPackage().getImplementationVersion();
            return new String[] {"tendril relay " + (version == null ? "(unpacked)" : version)};
        }
    }
}
