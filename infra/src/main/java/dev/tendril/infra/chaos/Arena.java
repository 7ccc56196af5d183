package dev.tendril.infra.chaos;

import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stage.CutProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The Tendril that is ill-treated: relays over one PostgreSQL, workers, a stub model, and a proxy
/// on each connection between them that a fault can cut.
final class Arena implements AutoCloseable {
    /// Lives are short here: the first compiler is enough, and leaves the cores to the others.
    private static final Map<String, String> FAST_START =
            Map.of("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");

    private final House house;
    private final List<House.Relay> relays = new ArrayList<>();
    private final List<House.Worker> workers = new ArrayList<>();
    private final List<CutProxy> databaseProxies = new ArrayList<>();
    private final List<CutProxy> visitorProxies = new ArrayList<>();
    private final List<CutProxy> workerProxies = new ArrayList<>();
    private final BackendStore backends;

    private Arena(House house) {
        this.house = house;
        this.backends = new BackendStore(house.database().superuserJdbcUrl());
    }

    static Arena open(
            Jars jars,
            Path directory,
            ChaosOptions options,
            FaultPlan plan,
            WorkerRecord record,
            ChaosLog log)
            throws IOException {
        var arena = new Arena(House.open(jars, directory));
        try {
            arena.fill(options, plan, record, log);
            return arena;
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private void fill(ChaosOptions options, FaultPlan plan, WorkerRecord record, ChaosLog log)
            throws IOException {
        Skew skew = Skew.find();
        var database = house.database();
        for (int i = 0; i < options.relays(); i++) {
            var proxy = CutProxy.to(URI.create("http://127.0.0.1:" + database.port()));
            databaseProxies.add(proxy);
            Map<String, String> environment = new HashMap<>(skew.hours(plan.relaySkewHours()));
            environment.put(
                    "TENDRIL_DATABASE_URL",
                    database.url()
                            .replace(
                                    ":" + database.port() + "/",
                                    ":" + proxy.url().getPort() + "/"));
            environment.putAll(FAST_START);
            environment.put("TENDRIL_LEASE", options.lease().toSeconds() + "s");
            var relay = house.relay("relay-" + (i + 1), environment);
            relays.add(relay);
            visitorProxies.add(CutProxy.to(relay.url()));
        }
        var stub = house.stub("deltas=20");
        for (int i = 0; i < options.workers(); i++) {
            String name = "worker-" + (i + 1);
            var proxy = workerProxy(name, i, record, log);
            var model = new ArrayList<>(List.of(stub.workerOptions()));
            model.addAll(List.of("--concurrency", "4"));
            Map<String, String> environment =
                    new HashMap<>(skew.hours(plan.workerSkewHours().get(i)));
            environment.putAll(FAST_START);
            workers.add(house.worker(name, proxy.url(), environment, model.toArray(String[]::new)));
        }
    }

    /// A worker's way to the relays: to one of them, and to another when that one is away.
    CutProxy workerProxy(String name, int first, WorkerRecord record, ChaosLog log)
            throws IOException {
        var order = new ArrayList<>(relays.stream().map(House.Relay::url).toList());
        Collections.rotate(order, first);
        var proxy = CutProxy.to(order, new WorkerTap(name, record, log));
        workerProxies.add(proxy);
        return proxy;
    }

    House house() {
        return house;
    }

    List<House.Relay> relays() {
        return relays;
    }

    List<House.Worker> workers() {
        return workers;
    }

    List<CutProxy> databaseProxies() {
        return databaseProxies;
    }

    List<CutProxy> visitorProxies() {
        return visitorProxies;
    }

    List<CutProxy> workerProxies() {
        return workerProxies;
    }

    BackendStore backends() {
        return backends;
    }

    /// Where visitors find the relays.
    List<URI> fronts() {
        return visitorProxies.stream().map(CutProxy::url).toList();
    }

    @Override
    public void close() {
        for (List<CutProxy> proxies : List.of(workerProxies, visitorProxies, databaseProxies)) {
            for (CutProxy proxy : proxies) {
                try {
                    proxy.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        house.close();
    }
}
