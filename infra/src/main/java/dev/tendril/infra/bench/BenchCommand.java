package dev.tendril.infra.bench;

import picocli.CommandLine.Command;

/// The measurements.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures Tendril on this machine, with real processes.",
        subcommands = {
            ChatBenchCommand.class,
            QueueBenchCommand.class,
            FanoutBenchCommand.class,
            ContentBenchCommand.class
        })
public final class BenchCommand {
    /// For picocli.
    public BenchCommand() {}
}
