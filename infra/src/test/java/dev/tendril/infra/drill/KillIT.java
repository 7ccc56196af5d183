package dev.tendril.infra.drill;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
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

/// `kill -9` in mid-answer: one answer, whole, nothing lost, and the visitor's stream without a
/// gap.
final class KillIT {
    private static final int DELTAS = 120;

    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    /// Two accidents share one wait for a lease to run out.
    @Test
    void oneWorkerDiesAnotherSleepsAndEachAnswerComesOnce() throws Exception {
        Visitor visitor = scene.visitor();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            UUID first = visitor.openChat();
            String firstText = "worker dies " + UUID.randomUUID() + slowly();
            Accepted firstTurn = visitor.say(first, firstText);
            Future<Answer> firstAnswer = read(threads, visitor, first);
            scene.worker.process().kill();

            // Alone now, it takes the second message, and falls asleep over its answer.
            House.Worker sleeper =
                    scene.house.worker("sleeper", scene.relay.url(), Scene.options(scene.stub));
            UUID second = visitor.openChat();
            String secondText = "worker sleeps " + UUID.randomUUID() + slowly();
            Accepted secondTurn = visitor.say(second, secondText);
            Future<Answer> secondAnswer = read(threads, visitor, second);
            sleeper.process().pause();
            scene.worker.start();

            assertTakenOver(visitor, first, firstTurn, firstText, firstAnswer.get());
            assertTakenOver(visitor, second, secondTurn, secondText, secondAnswer.get());

            // It wakes up with the rest of its answer in its hands, and must not be heard.
            String before = secondAnswer.get().cursor().toString();
            sleeper.process().resume();
            sleeper.process()
                    .awaitLine(Scene.SOON, "that it lost its lease", l -> l.contains("lease"));
            assertEquals(before, visitor.chat(second).cursor());
            sleeper.process().terminate();
        }
    }

    private void assertTakenOver(
            Visitor visitor, UUID chat, Accepted turn, String text, Answer answer)
            throws Exception {
        assertEquals(
                StubAnswer.text(1, text, DELTAS),
                scene.assertAnswered(visitor, chat, turn, answer));
        assertEquals(1, answer.all(Frame.RelaySuperseded.class).size(), "superseded once");
        assertEquals(2, scene.model().requests(text).size(), "asked by both workers");
        assertEquals(2, requireNonNull(visitor.chat(chat).run()).attempt());
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
