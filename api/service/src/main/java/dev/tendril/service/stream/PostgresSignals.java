package dev.tendril.service.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals between replicas by `LISTEN` and `NOTIFY`, on two connections outside the pool.
///
/// A notification never stands in a transaction that writes: its commit holds a lock of the whole
/// cluster across the flush and caps it near 855 commits per second. The [Doorbell] sends one
/// transaction of nothing but notifications per 20 ms instead, which flushes nothing.
///
/// The listening connection is asked for a sign of life every 5 s, so that one that is half open is
/// found within 10 s, and opened again; meanwhile whoever waits looks once per second.
final class PostgresSignals implements Signals {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresSignals.class);
    static final Duration PING = Duration.ofSeconds(5);

    private static final String CHANNEL = "tendril";
    private static final String LISTEN = "listen " + CHANNEL;
    private static final String NOTIFY = "select pg_notify('" + CHANNEL + "', ?)";
    private static final int PAYLOAD_BYTES = 7_900;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final long LONGEST_BACKOFF_MS = 5_000;

    private final LocalSignals local = new LocalSignals();
    private final String name = UUID.randomUUID().toString().substring(0, 8);
    private final Connect connect;
    private final Duration ping;
    private final Doorbell doorbell;
    private final Thread listener;
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Connection sending;
    private volatile @Nullable Connection listening;
    private boolean mute;

    PostgresSignals(Connect connect) {
        this(connect, PING);
    }

    /// @param ping between two signs of life, and how long each may take; at least 1 s
    PostgresSignals(Connect connect, Duration ping) {
        this.connect = connect;
        this.ping = ping;
        this.doorbell = new Doorbell("signal-doorbell", PAUSE, this::send);
        this.listener =
                Thread.ofPlatform().daemon().name("signal-listener").start(this::listenForEver);
    }

    @Override
    public void ring(Hint hint) {
        local.ring(hint);
        doorbell.ring(hint);
    }

    @Override
    public Subscription on(Topic topic, Consumer<Hint> hint) {
        return local.on(topic, hint);
    }

    /// Whether hints of other replicas arrive at the moment.
    boolean listening() {
        return listening != null;
    }

    /// Only the doorbell's thread calls it. One try again on a new connection, then the hints are
    /// lost.
    private void send(List<Hint> hints) {
        List<String> payloads = HintText.write(name, hints, PAYLOAD_BYTES);
        for (int attempt = 1; attempt <= 2; attempt++) {
            try {
                if (sending == null) {
                    sending = connect.open();
                }
                sendAll(sending, payloads);
                mute = false;
                return;
            } catch (SQLException e) {
                close(sending);
                sending = null;
                if (attempt == 2 && !mute && closing.getCount() > 0) {
                    mute = true;
                    LOG.warn(
                            "Cannot tell the other relays of news; they look by themselves: {}",
                            e.getMessage());
                }
            }
        }
    }

    private static void sendAll(Connection connection, List<String> payloads) throws SQLException {
        try (PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
            for (String payload : payloads) {
                notify.setString(1, payload);
                notify.execute();
            }
        }
    }

    private void listenForEver() {
        long backoffMs = 100;
        while (closing.getCount() > 0) {
            try (Connection connection = connect.open()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(LISTEN);
                }
                listening = connection;
                backoffMs = 100;
                listen(connection);
            } catch (SQLException e) {
                if (closing.getCount() > 0) {
                    LOG.warn(
                            "Lost the connection that hears of other relays' news: {}",
                            e.getMessage());
                }
            } finally {
                listening = null;
            }
            try {
                long waitMs = ThreadLocalRandom.current().nextLong(backoffMs) + 1;
                if (closing.await(waitMs, TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException _) {
                return;
            }
            backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
        }
    }

    private void listen(Connection connection) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        while (closing.getCount() > 0) {
            PGNotification[] news = postgres.getNotifications((int) ping.toMillis());
            if (news == null || news.length == 0) {
                if (!connection.isValid((int) ping.toSeconds())) {
                    throw new SQLException("no sign of life within " + ping);
                }
                continue;
            }
            for (PGNotification notification : news) {
                HintText.read(name, notification.getParameter()).forEach(local::ring);
            }
        }
    }

    @Override
    public void close() {
        closing.countDown();
        doorbell.close();
        close(sending);
        close(listening);
        listener.interrupt();
        try {
            listener.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("Closing failed", e);
            }
        }
    }

    /// Opens a connection of its own, with a socket timeout beyond the ping's.
    @FunctionalInterface
    interface Connect {
        Connection open() throws SQLException;
    }
}
