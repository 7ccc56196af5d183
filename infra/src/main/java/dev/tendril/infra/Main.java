package dev.tendril.infra;

import dev.tendril.infra.bench.BenchCommand;
import dev.tendril.infra.chaos.ChaosCommand;
import dev.tendril.infra.stub.StubCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Entry of the infra jar: what is needed to prove and measure a relay and a worker.
@Command(
        name = "infra",
        mixinStandardHelpOptions = true,
        description = "Tools that prove and measure Tendril; nothing here is needed to run it.",
        subcommands = {StubCommand.class, BenchCommand.class, ChaosCommand.class})
public final class Main {
    private Main() {}

    /// Runs one command and exits with its status.
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
