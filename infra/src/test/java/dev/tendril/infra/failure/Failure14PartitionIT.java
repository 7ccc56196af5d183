package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.CutProxy;
import dev.tendril.infra.stage.CutProxy.Stalled;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A network that carries one direction only, and tells nobody.
@ResourceLock(FailureScene.LOCK)
@Tag("nightly")
final class Failure14PartitionIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    /// What one worker sends arrives and what it is told does not; with another it is the other way
    /// round. Both lose their runs to a third.
    @Test
    void betweenWorkerAndRelayTheRunIsTakenOver() throws Exception {
        scene.worker.process().terminate();
        try (var answers = CutProxy.to(scene.relay.url());
                var requests = CutProxy.to(scene.relay.url())) {
            House.Worker first = one("deaf", answers);
            Turn deaf = scene.ask(scene.relay.url(), "deaf", 240, 25).awaitPieces(3);
            House.Worker second = one("mute", requests);
            Turn mute = scene.ask(scene.relay.url(), "mute", 240, 25).awaitPieces(3);
            try {
                answers.stall(Stalled.ANSWERS);
                requests.stall(Stalled.REQUESTS);
                scene.worker.start();
                assertEquals(1, deaf.assertAnswered().all(Frame.RelaySuperseded.class).size());
                assertEquals(1, mute.assertAnswered().all(Frame.RelaySuperseded.class).size());
                String deafEnd = deaf.visitor.chat(deaf.chat).cursor();
                String muteEnd = mute.visitor.chat(mute.chat).cursor();

                answers.stall(Stalled.NOTHING);
                requests.stall(Stalled.NOTHING);
                scene.ask("after it").assertAnswered();
                assertEquals(deafEnd, deaf.visitor.chat(deaf.chat).cursor(), "late writes");
                assertEquals(muteEnd, mute.visitor.chat(mute.chat).cursor(), "late writes");
                assertEquals(2, deaf.attempt());
                assertEquals(2, mute.attempt());
            } finally {
                first.process().kill();
                second.process().kill();
            }
        }
    }

    private House.Worker one(String name, CutProxy proxy) throws IOException {
        return scene.house.worker(
                name, proxy.url(), FailureScene.options(scene.stub, "--concurrency", "1"));
    }

    /// The relay's statements arrive, their outcome does not: callers are told to come back, and
    /// come back to the same chat.
    @Test
    void betweenRelayAndDatabaseCallersAreToldToComeBack() throws Exception {
        URI database = URI.create(scene.house.database().url());
        try (var proxy = CutProxy.to(database)) {
            String url =
                    scene.house
                            .database()
                            .url()
                            .replace(
                                    ":" + database.getPort() + "/",
                                    ":" + proxy.url().getPort() + "/");
            Map<String, String> environment = new HashMap<>(FailureScene.BRIEF);
            environment.put("TENDRIL_DATABASE_URL", url);
            House.Relay far = scene.house.relay("far", environment);
            try {
                Visitor visitor = scene.visitor().at(far.url());
                UUID chat = visitor.openChat();
                String id = UUID.randomUUID().toString();
                String text = FailureScene.text("partition", 20, 0);
                proxy.stall(Stalled.ANSWERS);
                assertToldToComeBack(visitor, chat, id, text);
                scene.ask("by the other relay").assertAnswered();
                proxy.stall(Stalled.NOTHING);
                // As after a real partition: what was under way is gone.
                proxy.cutAll();

                FailureScene.soon(
                        "the message to be taken",
                        () -> visitor.post(chat, id, text).statusCode() == 202);
                visitor.read(chat).answer("0", FailureScene.SOON);
                assertEquals(2, visitor.messages(chat).size(), "one question, one answer");
                assertEquals(1, scene.model().requests(text).size());
            } finally {
                proxy.stall(Stalled.NOTHING);
                far.process().terminate();
            }
        }
    }

    private static void assertToldToComeBack(Visitor visitor, UUID chat, String id, String text)
            throws IOException, InterruptedException {
        var answer = visitor.post(chat, id, text);
        assertEquals(503, answer.statusCode());
        assertTrue(answer.headers().firstValue("retry-after").isPresent());
    }

    /// NATS is reachable and says nothing: the look once per second carries on.
    @Test
    void betweenRelayAndNatsOnlyTheLatencyChanges() throws Exception {
        Needs.program("nats-server");
        try (var nats = NatsServer.start(FailureScene.directory("silent-nats"));
                var proxy = CutProxy.to(nats.url())) {
            Map<String, String> environment = new HashMap<>(FailureScene.BRIEF);
            environment.put("TENDRIL_SIGNALS", "nats");
            environment.put("TENDRIL_NATS_URL", "nats://127.0.0.1:" + proxy.url().getPort());
            House.Relay far = scene.house.relay("silent", environment);
            try {
                for (Stalled direction : new Stalled[] {Stalled.ANSWERS, Stalled.REQUESTS}) {
                    proxy.stall(direction);
                    long begun = System.nanoTime();
                    Turn turn = scene.ask(far.url(), "silent nats", 20, 0);
                    turn.assertAnswered();
                    double seconds = (System.nanoTime() - begun) / 1e9;
                    assertTrue(seconds < 5, "an answer took " + seconds + " s");
                    proxy.stall(Stalled.NOTHING);
                }
            } finally {
                proxy.stall(Stalled.NOTHING);
                far.process().terminate();
            }
        }
    }
}
