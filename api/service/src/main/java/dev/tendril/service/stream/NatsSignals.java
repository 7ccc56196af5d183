package dev.tendril.service.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals between many replicas over NATS core: at most once, nothing kept, which is all that a
/// hint needs. JetStream is not used.
///
/// While NATS is away hints are dropped, and whoever waits looks once per second; the client
/// connects again by itself, also when NATS was not there at the start.
final class NatsSignals implements Signals {

    private static final Logger LOG = LoggerFactory.getLogger(NatsSignals.class);
    private static final int PAYLOAD_BYTES = 60_000;
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration PING = Duration.ofSeconds(5);

    private final LocalSignals local = new LocalSignals();
    private final String name = UUID.randomUUID().toString().substring(0, 8);
    private final String subject;
    private final Doorbell doorbell;
    private volatile @Nullable Connection connection;
    private volatile boolean away;

    /// @param url e.g. `nats://127.0.0.1:4222`, several separated by commas
    /// @param subject apart from other installations that use the same servers
    NatsSignals(String url, String subject) {
        this.subject = subject;
        Options options =
                new Options.Builder()
                        .servers(url.split(",", -1))
                        .connectionName("tendril-relay")
                        .maxReconnects(-1)
                        .reconnectWait(Duration.ofMillis(250))
                        .reconnectJitter(Duration.ofMillis(250))
                        .connectionTimeout(Duration.ofSeconds(2))
                        .pingInterval(PING)
                        .reconnectBufferSize(0)
                        .noEcho()
                        .connectionListener(this::changed)
                        .errorListener(new ErrorListener() {})
                        .build();
        try {
            Nats.connectAsynchronously(options, true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while connecting to NATS", e);
        }
        this.doorbell = new Doorbell("signal-doorbell", PAUSE, this::send);
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
        Connection present = connection;
        return present != null && present.getStatus() == Connection.Status.CONNECTED;
    }

    private void changed(Connection changed, ConnectionListener.Events event) {
        switch (event) {
            case CONNECTED -> {
                Dispatcher dispatcher =
                        changed.createDispatcher(message ->
                                HintText.read(name, new String(message.getData(), US_ASCII))
                                        .forEach(local::ring));
                dispatcher.subscribe(subject);
                connection = changed;
                away = false;
            }
            case DISCONNECTED -> {
                // Each try to come back that fails is told in the same way.
                if (!away) {
                    away = true;
                    LOG.warn("NATS is away; relays look by themselves");
                }
            }
            case RECONNECTED -> {
                away = false;
                LOG.info("NATS is back");
            }
            default -> LOG.debug("NATS: {}", event);
        }
    }

    private void send(List<Hint> hints) {
        Connection present = connection;
        if (present == null || present.getStatus() != Connection.Status.CONNECTED) {
            return;
        }
        try {
            for (String payload : HintText.write(name, hints, PAYLOAD_BYTES)) {
                present.publish(subject, payload.getBytes(US_ASCII));
            }
            present.flushBuffer();
        } catch (IOException | IllegalStateException e) {
            LOG.debug("Hints lost", e);
        }
    }

    @Override
    public void close() {
        doorbell.close();
        Connection present = connection;
        if (present != null) {
            try {
                present.close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
