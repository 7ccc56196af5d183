package dev.tendril.infra.drill;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stub.StubControl;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What every drill starts from: a database, a relay, a stub model and a worker that asks it.
final class Scene {
    /// Longer than any answer of a drill takes when nothing dies.
    static final Duration SOON = Duration.ofSeconds(25);

    /// Longer than a lease, a reap and another attempt.
    static final Duration LEASE = Duration.ofSeconds(70);

    /// One class at a time has it, whatever else runs beside.
    static final String LOCK = "scene";

    private static @Nullable Scene shared;

    final House house;
    final House.Relay relay;
    final House.Stub stub;
    final House.Worker worker;

    private Scene() throws IOException {
        Jars jars = Jars.ofThisBuild();
        Path directory = jars.root().resolve("infra/target/drill/" + ProcessHandle.current().pid());
        house = House.open(jars, directory);
        Runtime.getRuntime().addShutdownHook(new Thread(house::close, "close-house"));
        relay = house.relay("relay");
        stub = house.stub("deltas=20");
        worker = house.worker("worker", relay.url(), options(stub));
    }

    /// How a worker of the drills is started.
    static String[] options(House.Stub stub) {
        var options = new ArrayList<>(List.of(stub.workerOptions()));
        options.addAll(
                List.of(
                        "--model-timeout",
                        "3",
                        "--model-idle-timeout",
                        "3",
                        "--concurrency",
                        "16"));
        return options.toArray(String[]::new);
    }

    /// The scene, made by the first drill that needs it.
    static synchronized Scene get() {
        if (shared == null) {
            try {
                shared = new Scene();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return shared;
    }

    StubControl model() {
        return stub.control();
    }

    Visitor visitor() throws IOException, InterruptedException {
        return house.visitor(relay.url());
    }

    /// Asserts that the turn is answered, once, and that history, stream and database agree.
    ///
    /// @return the answer's text
    String assertAnswered(Visitor visitor, UUID chat, Accepted turn, Answer answer)
            throws Exception {
        return Verdicts.assertAnswered(house, visitor, chat, turn, answer);
    }

    /// Asserts that nothing in the whole database violates an invariant, once all is at rest.
    void assertWhole() throws Exception {
        Verdicts.assertWhole(house, SOON);
    }
}
