package dev.tendril.worker.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void looksOftenFirstThenDoublesToThirtySeconds() {
        long[] most = {1000, 1000, 1000, 2000, 16_000, 30_000, 30_000};
        int[] retry = {0, 5, 9, 10, 13, 14, 1_000_000};
        for (int i = 0; i < retry.length; i++) {
            long highest = 0;
            double sum = 0;
            var random = new Random(42);
            for (int n = 0; n < 2_000; n++) {
                long ms = Backoff.RELAY.before(retry[i], random).toMillis();
                highest = Math.max(highest, ms);
                sum += ms;
            }
            assertTrue(
                    highest <= most[i] && highest > most[i] * 0.98,
                    "retry " + retry[i] + ": " + highest);
            assertEquals(0.5, sum / 2_000 / most[i], 0.05, "no full jitter at " + retry[i]);
        }
    }
}
