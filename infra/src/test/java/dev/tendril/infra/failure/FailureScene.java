package dev.tendril.infra.failure;

import dev.tendril.infra.drill.Verdicts;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.CallProxy;
import dev.tendril.infra.stub.StubControl;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the failure tests share: a database, a relay with a lease of 6 s, a stub model, and a
/// worker that reaches the relay by a proxy which can tamper with each of its calls.
final class FailureScene {
    /// One class at a time has it, whatever else runs beside.
    static final String LOCK = "failure-scene";

    /// Longer than an answer takes when nothing dies.
    static final Duration SOON = Duration.ofSeconds(25);

    /// Longer than three leases, their reaps and as many new workers.
    static final Duration LONG = Duration.ofSeconds(60);

    static final Map<String, String> BRIEF = Map.of("TENDRIL_LEASE", "6s");

    private static @Nullable FailureScene shared;

    final House house;
    final House.Relay relay;
    final House.Stub stub;
    final CallProxy proxy;
    final House.Worker worker;
    private @Nullable Visitor visitor;

    private FailureScene() throws IOException {
        house = House.open(Jars.ofThisBuild(), directory("house"));
        Runtime.getRuntime().addShutdownHook(new Thread(house::close, "close-house"));
        relay = house.relay("relay", BRIEF);
        stub = house.stub("deltas=20");
        proxy = CallProxy.to(relay.url());
        worker = house.worker("worker", proxy.url(), options(stub));
    }

    /// The scene, made by the first test that needs it, at rest and with nothing tampered.
    static synchronized FailureScene get() {
        if (shared == null) {
            try {
                shared = new FailureScene();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        shared.proxy.pass();
        return shared;
    }

    /// A place for files that are gone with the build.
    static Path directory(String name) {
        return Jars.ofThisBuild()
                .root()
                .resolve("infra/target/failure/" + ProcessHandle.current().pid())
                .resolve(name);
    }

    /// How a worker of these tests is started.
    ///
    /// @param more instead of the usual concurrency of 16
    static String[] options(House.Stub stub, String... more) {
        var options = new ArrayList<>(List.of(stub.workerOptions()));
        options.addAll(List.of("--drain", "1"));
        options.addAll(more.length == 0 ? List.of("--concurrency", "16") : List.of(more));
        return options.toArray(String[]::new);
    }

    StubControl model() {
        return stub.control();
    }

    /// A visitor who lives as long as the scene.
    synchronized Visitor visitor() throws IOException, InterruptedException {
        if (visitor == null) {
            visitor = house.visitor(relay.url());
        }
        return visitor;
    }

    /// Asks in a new chat for an answer at the default pace of 20 pieces at once.
    Turn ask(String what) throws Exception {
        return ask(relay.url(), what, 20, 0);
    }

    /// Asks in a new chat and begins to read.
    ///
    /// @param at the relay, or a proxy before it
    /// @param deltas pieces of the answer, one each `delayMs`
    Turn ask(URI at, String what, int deltas, int delayMs) throws Exception {
        Visitor asking = visitor().at(at);
        return Turn.ask(house, asking, asking.openChat(), text(what, deltas, delayMs), deltas);
    }

    /// A message that the stub answers at this pace.
    static String text(String what, int deltas, int delayMs) {
        return what
                + " "
                + UUID.randomUUID()
                + " [stub deltas="
                + deltas
                + " delay="
                + delayMs
                + "]";
    }

    /// Asserts that nothing in the database violates an invariant, once all is at rest.
    void assertWhole() throws Exception {
        proxy.pass();
        if (!worker.process().alive()) {
            worker.start();
        }
        Verdicts.assertWhole(house, LONG);
    }

    /// Waits until something holds that takes no longer than an answer.
    static void soon(String what, java.util.concurrent.Callable<Boolean> holds) {
        Await.until(SOON, what, holds);
    }
}
