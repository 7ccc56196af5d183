package dev.tendril.infra.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Jars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Another storm each night, of full length.
@Tag("nightly")
final class LongStormIT {
    private static final int SECONDS = 120;

    @Test
    void nothingIsLostAndNothingAnsweredTwice() throws Exception {
        long seed = Long.getLong("tendril.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        var options = new ChaosOptions(seed, SECONDS, 3, 3, 10, Duration.ofSeconds(4));
        var plan = FaultPlan.draw(seed, SECONDS, 3, 3, 4_000);
        System.out.println("seed " + seed);
        Path directory =
                Files.createDirectories(
                        Jars.ofThisBuild()
                                .root()
                                .resolve("infra/target/storm/" + ProcessHandle.current().pid()));

        ChaosReport report = new Chaos(Jars.ofThisBuild(), options, _ -> {}).run(directory, plan);

        System.out.println(report.text());
        assertTrue(report.holds(), report::text);
    }
}
