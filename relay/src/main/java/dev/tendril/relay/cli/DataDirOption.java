package dev.tendril.relay.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data-dir`, with the same default as `up`, so that commands find a running one by themselves.
final class DataDirOption {

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "keys and our own database (default TENDRIL_DATA_DIR, else"
                            + " $XDG_DATA_HOME/tendril, else ~/.tendril)")
    private @Nullable Path dataDir;

    Path path() {
        return (dataDir != null ? dataDir : usual(System.getenv())).toAbsolutePath().normalize();
    }

    private static Path usual(Map<String, String> environment) {
        String named = environment.getOrDefault("TENDRIL_DATA_DIR", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        if (data.startsWith("/")) {
            return Path.of(data, "tendril");
        }
        String home = environment.getOrDefault("HOME", "");
        return Path.of(home.startsWith("/") ? home : System.getProperty("user.home"), ".tendril");
    }
}
