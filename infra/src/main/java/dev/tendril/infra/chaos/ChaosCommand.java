package dev.tendril.infra.chaos;

import dev.tendril.infra.house.Jars;
import dev.tendril.infra.json.Told;
import dev.tendril.infra.stage.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `chaos`.
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = {
            "Kills, freezes and cuts a whole Tendril for a while, with visitors talking to it,",
            "then checks that nothing was lost, answered twice or told differently.",
            "Exit status 0: every invariant holds."
        })
public final class ChaosCommand implements Callable<Integer> {
    private static final Duration LEASE = Duration.ofSeconds(4);

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "How long faults happen. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--seed",
            description = "Draws the same plan as an earlier run. Default: a new one.")
    private @Nullable Long seed;

    @Option(
            names = "--workers",
            defaultValue = "3",
            description = "Worker processes. Default: ${DEFAULT-VALUE}.")
    private int workers;

    @Option(
            names = "--relays",
            defaultValue = "2",
            description = "Relay processes. Default: ${DEFAULT-VALUE}.")
    private int relays;

    @Option(
            names = "--visitors",
            defaultValue = "8",
            description = "Visitors at once. Default: ${DEFAULT-VALUE}.")
    private int visitors;

    @Mixin private final Told told = new Told();

    /// For picocli.
    public ChaosCommand() {}

    @Override
    public Integer call() throws Exception {
        long drawn = seed == null ? ThreadLocalRandom.current().nextInt(1, 1_000_000) : seed;
        var options = new ChaosOptions(drawn, seconds, workers, relays, visitors, LEASE);
        var plan =
                FaultPlan.draw(drawn, seconds, workers, relays, (int) options.lease().toMillis());
        Path directory = Files.createTempDirectory("tendril-chaos");
        told.progress("seed " + drawn + ", log " + directory.resolve("chaos.jsonl"));
        told.progress(plan.toString());
        var chaos = new Chaos(Jars.ofThisBuild(), options, line -> told.progress(line + " …"));
        ChaosReport report = chaos.run(directory, plan);
        Path house = directory.resolve("house");
        if (report.holds()) {
            Trees.delete(house);
        } else {
            keepLogs(house, directory.resolve("logs"));
        }
        told.report(report::json, report::text);
        return report.holds() ? 0 : 1;
    }

    private static void keepLogs(Path house, Path to) throws java.io.IOException {
        Files.move(house.resolve("logs"), to, StandardCopyOption.REPLACE_EXISTING);
        Trees.delete(house);
    }
}
