package dev.tendril.infra.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Jars;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/// A short storm. `-Dtendril.seed=N` draws another; `./tendril chaos` blows longer.
@Order(1)
final class ChaosIT {
    private static final int SECONDS = 20;
    private static final Duration LEASE = Duration.ofSeconds(4);

    @Test
    void nothingIsLostAndNothingAnsweredTwice() throws Exception {
        long seed = Long.getLong("tendril.seed", 20);
        var options = new ChaosOptions(seed, SECONDS, 2, 2, 5, LEASE);
        var plan = FaultPlan.draw(seed, SECONDS, 2, 2, (int) LEASE.toMillis());
        Path directory =
                Files.createDirectories(
                        Jars.ofThisBuild()
                                .root()
                                .resolve("infra/target/chaos/" + ProcessHandle.current().pid()));

        ChaosReport report = new Chaos(Jars.ofThisBuild(), options, _ -> {}).run(directory, plan);

        System.out.println(report.text());
        assertTrue(report.holds(), report::text);
        assertTrue(
                report.faults().size() >= FaultKind.values().length - 2,
                () -> "kinds of faults: " + report.faults());
        assertTrue(report.counts().done() > 5, "answers were given");
        assertTrue(report.counts().refused() > 0, "stale writes were tried");
    }
}
