package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.House;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The clocks of a relay and of its worker jump by an hour, forth and back, while an answer is
/// written.
@ResourceLock(FailureScene.LOCK)
@Tag("nightly")
final class Failure17ClockJumpIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void aRelayAndAWorkerWithTheWrongTimeAnswerAllTheSame() throws Exception {
        Needs.program("faketime");
        Path relayTime = Files.writeString(FailureScene.directory("relay-time"), "+0\n");
        Path workerTime = Files.writeString(FailureScene.directory("worker-time"), "+0\n");
        scene.worker.process().terminate();
        Map<String, String> environment = new HashMap<>(FailureScene.BRIEF);
        environment.putAll(clock(relayTime));
        House.Relay relay = scene.house.relay("wrong-time", environment);
        House.Worker worker =
                scene.house.worker(
                        "jumping",
                        relay.url(),
                        clock(workerTime),
                        FailureScene.options(scene.stub));
        try {
            for (List<String> jump :
                    List.of(
                            List.of("+3600", "+0"),
                            List.of("-3600", "+0"),
                            List.of("+0", "+3600"),
                            List.of("+0", "-3600"),
                            List.of("+3600", "-3600"))) {
                Turn turn = scene.ask(scene.relay.url(), "jump", 80, 25).awaitPieces(5);
                Files.writeString(relayTime, jump.get(0) + "\n");
                Files.writeString(workerTime, jump.get(1) + "\n");
                turn.assertAnswered();
                assertEquals(1, turn.attempt(), "jump " + jump);
                assertEquals(1, scene.model().requests(turn.text).size(), "jump " + jump);
                // Behind a proxy the next call may go to either relay, with the token of the other.
                UUID chat = scene.house.visitor(relay.url()).at(scene.relay.url()).openChat();
                assertTrue(chat.version() > 0, "jump " + jump);
                assertEquals(
                        200,
                        turn.visitor
                                .at(relay.url())
                                .call("GET", "/api/v1/chats/" + turn.chat, null)
                                .statusCode(),
                        "jump " + jump);
                scene.ask("after the jump").assertAnswered();
            }
        } finally {
            worker.process().terminate();
            relay.process().terminate();
            scene.worker.start();
        }
    }

    private static Map<String, String> clock(Path time) throws IOException {
        return Map.of(
                "LD_PRELOAD",
                library().toString(),
                "FAKETIME_TIMESTAMP_FILE",
                time.toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "DONT_FAKE_MONOTONIC",
                "1");
    }

    private static Path library() throws IOException {
        for (String root : List.of("/usr/lib", "/usr/lib64", "/usr/local/lib")) {
            if (!Files.isDirectory(Path.of(root))) {
                continue;
            }
            try (var found =
                    Files.find(
                            Path.of(root),
                            4,
                            (path, _) ->
                                    path.getFileName().toString().equals("libfaketimeMT.so.1"))) {
                var first = found.findFirst();
                if (first.isPresent()) {
                    return first.get();
                }
            }
        }
        throw new AssertionError("no libfaketime; ./tendril test installs the package faketime");
    }
}
