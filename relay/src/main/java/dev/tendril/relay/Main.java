package dev.tendril.relay;

import dev.tendril.relay.cli.RelayCommand;

/// Entry point of the relay's jar.
public final class Main {

    private Main() {}

    /// Runs the command line and exits with its code: 0 done, 1 failed with a sentence on standard
    /// error, 2 wrong usage.
    public static void main(String[] args) {
        System.exit(RelayCommand.run(args));
    }
}
