package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micronaut.context.exceptions.ConfigurationException;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `TENDRIL_LEASE` and what follows from it.
@MicronautTest(transactional = false)
final class ShortLeaseTest extends QueueTest {

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.lease", "3s");
        return properties;
    }

    @Test
    void theWorkerIsToldAndTheDatabaseKeepsIt() {
        post(chat(), "m1");
        var run = claimOne();
        assertEquals(1_000, run.offerMs());
        assertEquals(3_000, run.leaseMs());
        assertEquals("1", leaseLeft(run.runId()));
        assertEquals(3_000, append(run, 1, start(run)).leaseMs());
        assertEquals("3", leaseLeft(run.runId()));
        queue.renew(call(run));
        assertEquals("3", leaseLeft(run.runId()));
    }

    private String leaseLeft(long runId) {
        return sql(
                "select ceil(extract(epoch from lease_until - now())) from run where id = "
                        + runId);
    }

    @ParameterizedTest
    @CsvSource({"2s,667,333", "30s,10000,5000", "10m,10000,100000"})
    void offerAndReapingFollow(String lease, long offerMs, long reapMs) {
        var times = new Lease(Duration.parse("PT" + lease));
        assertEquals(offerMs, Math.round(times.offer().toNanos() / 1e6));
        assertEquals(reapMs, Math.round(times.reapInterval().toNanos() / 1e6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1.9S", "PT10M0.001S", "PT0S", "-PT30S"})
    void whatMakesNoSenseIsRefused(String lease) {
        assertThrows(ConfigurationException.class, () -> new Lease(Duration.parse(lease)));
    }
}
