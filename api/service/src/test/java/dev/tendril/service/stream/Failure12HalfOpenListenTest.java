package dev.tendril.service.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.database.Transactions;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Failure 12: the connection that listens is half open, as behind a firewall that forgot it. The
/// sign of life finds that within two pings; meanwhile the look once per second carries on.
@MicronautTest(transactional = false)
final class Failure12HalfOpenListenTest extends DatabaseTest {

    /// The product's is 5 s: found within 10 s.
    private static final Duration PING = Duration.ofSeconds(1);

    private static final Duration BUSY_MACHINE = Duration.ofSeconds(2);

    @Inject EventLog log;
    @Inject Transactions transactions;

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.signals", "local");
        return properties;
    }

    @Test
    void itIsFoundWithinTwoPingsAndReadersHearMeanwhile() throws Exception {
        assertEquals(Duration.ofSeconds(5), PostgresSignals.PING, "the product's ping");
        URI address = URI.create(jdbcUrl().substring("jdbc:".length()));
        try (var proxy = new FreezeProxy(address.getPort());
                var far =
                        new PostgresSignals(
                                () -> DriverManager.getConnection(jdbcUrl() + "&socketTimeout=15"),
                                PING);
                var near =
                        new PostgresSignals(
                                () ->
                                        DriverManager.getConnection(
                                                jdbcUrl()
                                                                .replace(
                                                                        ":"
                                                                                + address.getPort()
                                                                                + "/",
                                                                        ":" + proxy.port() + "/")
                                                        + "&socketTimeout=15"),
                                PING)) {
            BlockingQueue<Hint> heard = new LinkedBlockingQueue<>();
            near.on(Topic.RUN, heard::add);
            awaitHeard(far, heard, BUSY_MACHINE.multipliedBy(5));

            UUID stream = transactions.write(tx -> log.create(tx, workspace(), "chat"));
            StreamHub hub = new StreamHub(log, near);
            BlockingQueue<Long> grown = new LinkedBlockingQueue<>();
            hub.watch(stream, grown::add);

            proxy.freeze();
            long frozen = System.nanoTime();
            heard.clear();
            transactions.write(tx ->
                    log.append(
                            tx,
                            workspace(),
                            stream,
                            EventKind.MESSAGE,
                            new Origin(null, null, null),
                            List.of(new Frame.StartStep())));
            far.ring(Hint.stream(stream, 1));
            far.ring(Hint.run(99));
            assertNull(heard.poll(PING.toMillis() / 3, TimeUnit.MILLISECONDS), "it is deaf");
            assertNull(grown.poll());
            // What the timer does once per second.
            hub.catchUp();
            assertEquals(1, grown.poll(1, TimeUnit.SECONDS));

            awaitHeard(far, heard, BUSY_MACHINE.plus(PING.multipliedBy(2)));
            Duration took = Duration.ofNanos(System.nanoTime() - frozen);
            System.out.println("half open, found and mended after " + took + ", ping " + PING);
            assertTrue(
                    took.compareTo(PING.multipliedBy(2).plus(BUSY_MACHINE)) < 0, took.toString());
        }
    }

    private static void awaitHeard(Signals from, BlockingQueue<Hint> heard, Duration most)
            throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        Hint hint = null;
        while (hint == null && System.nanoTime() < deadline) {
            from.ring(Hint.run(1));
            hint = heard.poll(50, TimeUnit.MILLISECONDS);
        }
        assertNotNull(hint, "nothing heard within " + most);
    }

    private UUID workspace() {
        try (var connection = dataSource().getConnection();
                var rows =
                        connection
                                .createStatement()
                                .executeQuery(
                                        """
                                        insert into workspace (slug, title) values ('f12', 'F') on conflict (slug)
                                        do update set title = 'F' returning id
                                        """)) {
            rows.next();
            return rows.getObject(1, UUID.class);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
