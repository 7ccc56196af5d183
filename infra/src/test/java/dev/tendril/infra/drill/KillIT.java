package dev.tendril.infra.drill;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// `kill -9` of relay and database in mid-answer: one answer, whole, nothing lost, the visitor's
/// stream without a gap, and with the usual lease no second attempt. Workers: the failure tests.
@ResourceLock(Scene.LOCK)
final class KillIT {
    private static final int DELTAS = 120;

    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void theRelayDiesAndTheReaderResumes() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String text = "relay dies " + UUID.randomUUID() + slowly();
        Accepted accepted = visitor.say(chat, text);

        Answer answer =
                interrupted(
                        visitor,
                        chat,
                        () -> {
                            scene.relay.process().kill();
                            scene.relay.start();
                        });

        assertEquals(
                StubAnswer.text(1, text, DELTAS),
                scene.assertAnswered(visitor, chat, accepted, answer));
        assertTrue(answer.connections() > 1, "the reader came back");
        assertEquals(1, requireNonNull(visitor.chat(chat).run()).attempt(), "the worker held on");
    }

    @Test
    void theDatabaseDiesWithAllItsProcesses() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String text = "database dies " + UUID.randomUUID() + slowly();
        Accepted accepted = visitor.say(chat, text);

        Answer answer =
                interrupted(
                        visitor,
                        chat,
                        () -> assertTrue(scene.house.database().killAll() > 3, "processes killed"));

        assertEquals(
                StubAnswer.text(1, text, DELTAS),
                scene.assertAnswered(visitor, chat, accepted, answer));
        assertEquals(1, requireNonNull(visitor.chat(chat).run()).attempt(), "the worker held on");
    }

    private interface Accident {
        void happen() throws Exception;
    }

    /// Reads an answer from its beginning; when ten pieces of text have come, the accident happens.
    private static Answer interrupted(Visitor visitor, UUID chat, Accident accident)
            throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> answer = read(threads, visitor, chat);
            accident.happen();
            return answer.get();
        }
    }

    /// Begins to read an answer, and returns when ten pieces of its text have come.
    private static Future<Answer> read(ExecutorService threads, Visitor visitor, UUID chat)
            throws Exception {
        var underWay = new CountDownLatch(10);
        Future<Answer> answer =
                threads.submit(() ->
                        visitor.read(chat)
                                .onFrame(seen -> {
                                    if (seen.frame() instanceof Frame.TextDelta) {
                                        underWay.countDown();
                                    }
                                })
                                .answer("0", Scene.LEASE));
        assertTrue(
                underWay.await(Scene.SOON.toSeconds(), TimeUnit.SECONDS),
                "the answer is under way");
        return answer;
    }

    private static String slowly() {
        return " [stub deltas=" + DELTAS + " delay=25]";
    }
}
