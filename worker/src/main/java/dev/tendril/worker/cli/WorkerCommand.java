package dev.tendril.worker.cli;

import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tendril worker`: names its subcommands.
@Singleton
@Command(
        name = "tendril worker",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Answers visitors from this machine: dials out to a relay, takes what visitors ask,"
                    + " asks a model, streams the answer back. It opens no port.",
            ""
        },
        subcommands = {
            RunCommand.class,
            PolicyCommand.class,
            McpCommand.class,
            SearchCommand.class,
            SyncCommand.class,
            RequestsCommand.class,
            PairCommand.class,
            DeviceCommand.class,
            EnrolCommand.class,
            AttachCommand.class
        })
public final class WorkerCommand implements Runnable {
    @Spec @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Say what to do, for example run.");
        }
    }
}
