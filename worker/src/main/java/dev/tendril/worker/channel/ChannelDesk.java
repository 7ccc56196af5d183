package dev.tendril.worker.channel;

import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.Responder;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StaticKey;
import dev.tendril.contract.channel.StreamKind;
import dev.tendril.contract.channel.WorkerAddress;
import dev.tendril.worker.auth.SecretFile;
import dev.tendril.worker.link.Devices;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes devices in, each by the handshake with the worker's static key (file `channel.key`).
public final class ChannelDesk implements Devices, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelDesk.class);

    /// Handshakes per second, and at once: a stranger may ask for them, and they cost.
    private static final int RATE = 20;

    private static final int BURST = 40;

    private final StaticKey key;
    private final String relay;
    private final DeviceFile devices;
    private final PairingDesk pairing;
    private final Map<StreamKind, StreamHandler> handlers;
    private final InstantSource clock;
    private final Set<DeviceSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Linked linked;
    private double tokens = BURST;
    private long refilledNanos = System.nanoTime();

    private record Linked(WorkerAddress address, Responder responder) {}

    private ChannelDesk(
            StaticKey key,
            String relay,
            DeviceFile devices,
            Map<StreamKind, StreamHandler> handlers,
            InstantSource clock) {
        this.key = key;
        this.relay = relay;
        this.devices = devices;
        this.handlers = Map.copyOf(handlers);
        this.clock = clock;
        this.pairing = new PairingDesk(devices, clock);
    }

    /// Reads the worker's key, or makes it.
    ///
    /// @param relay as the worker dials it
    /// @throws IOException when the key's file cannot be used
    public static ChannelDesk open(
            Path dataDir, URI relay, Map<StreamKind, StreamHandler> handlers, InstantSource clock)
            throws IOException {
        String text =
                SecretFile.provide(
                        dataDir.resolve("channel.key"),
                        () -> {
                            try (StaticKey made = StaticKey.generate()) {
                                return Base64.getEncoder().encodeToString(made.exportPrivate())
                                        + "\n";
                            }
                        });
        try {
            StaticKey key = StaticKey.of(Base64.getDecoder().decode(text.strip()));
            return new ChannelDesk(key, origin(relay), new DeviceFile(dataDir), handlers, clock);
        } catch (IllegalArgumentException e) {
            throw new IOException("channel.key does not hold a key", e);
        }
    }

    /// The relay's origin in its one spelling.
    public static String origin(URI relay) {
        String scheme = String.valueOf(relay.getScheme()).toLowerCase(Locale.ROOT);
        String host = String.valueOf(relay.getHost()).toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        int port = relay.getPort();
        return scheme + "://" + host + (port < 0 || port == usual ? "" : ":" + port);
    }

    @Override
    public void linked(String workspace, String worker) {
        WorkerAddress address =
                new WorkerAddress(relay, workspace, worker, "none", key.publicKey());
        linked = new Linked(address, Responder.of(key, relay, workspace, worker, clock));
    }

    @Override
    public Device opened(Line line) {
        DeviceSession session = new DeviceSession(this, line);
        session.start();
        return session;
    }

    /// Opens a pairing link.
    ///
    /// @throws IllegalStateException with a sentence for people, when there is no link to the relay
    ///   yet or too many links are open
    public PairingDesk.Window pair(Set<Scope> scopes, PairingDesk.Owner owner) {
        Linked now = linked;
        if (now == null) {
            throw new IllegalStateException(
                    "The worker has not reached the relay yet; try again when it has.");
        }
        return pairing.open(now.address(), scopes, owner);
    }

    /// Reads the devices' file again and applies it to those that are connected.
    public void reload() throws IOException, InterruptedException {
        List<EnrolledDevice> now = devices.list();
        for (DeviceSession session : sessions) {
            EnrolledDevice was = session.device();
            if (was != null) {
                session.changed(
                        now.stream().filter(d -> d.id().equals(was.id())).findFirst().orElse(null));
            }
        }
    }

    /// Ends all channels in order.
    @Override
    public void close() {
        for (DeviceSession session : sessions) {
            try {
                session.close(CloseReason.SHUTTING_DOWN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    Responder responder() {
        Linked now = linked;
        if (now == null) {
            throw new IllegalStateException("a device before the link");
        }
        return now.responder();
    }

    PairingDesk pairing() {
        return pairing;
    }

    /// Whether one more handshake may be computed now.
    synchronized boolean admit() {
        long now = System.nanoTime();
        tokens = Math.min(BURST, tokens + (now - refilledNanos) / 1e9 * RATE);
        refilledNanos = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    @Nullable EnrolledDevice find(String id, byte[] deviceKey) throws IOException {
        return devices.find(id, deviceKey).or(() -> pairing.granted(id, deviceKey)).orElse(null);
    }

    /// The device holds its PSK.
    ///
    /// @return false when it was revoked meanwhile
    boolean confirmed(EnrolledDevice device) throws IOException {
        pairing.enrol(device);
        LOG.info("Device {} ({}) is connected", device.label(), device.id());
        return devices.update(device.id(), d -> d.seen(clock.instant()));
    }

    void opened(DeviceSession session) {
        sessions.add(session);
    }

    void ended(DeviceSession session) {
        sessions.remove(session);
    }

    @Nullable StreamHandler handler(StreamKind kind) {
        return handlers.get(kind);
    }
}
