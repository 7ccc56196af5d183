package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stub.SeenRequest;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A visitor, a worker, a model; nothing dies.
@ResourceLock(Scene.LOCK)
final class ConversationIT {
    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void threeTurnsArriveWordByWordAndStandInTheHistory() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String cursor = "0";
        for (int turn = 1; turn <= 3; turn++) {
            String text = "Grüße " + turn + " 🌱 [stub deltas=60 delay=10 reasoning=2]";
            Accepted accepted = visitor.say(chat, text);
            Answer answer = visitor.read(chat).answer(cursor, Scene.SOON);
            cursor = answer.cursor().toString();

            assertEquals(
                    StubAnswer.text(turn, text, 60),
                    scene.assertAnswered(visitor, chat, accepted, answer));
            assertTrue(answer.all(Frame.TextDelta.class).size() >= 3, "words in several frames");
            assertEquals(1, answer.connections());
            ChatMessage stored = visitor.messages(chat).getLast();
            assertInstanceOf(
                    Part.Reasoning.class,
                    stored.parts().stream()
                            .filter(p -> !(p instanceof Part.StepStart))
                            .findFirst()
                            .orElseThrow());
            Metadata metadata = Objects.requireNonNull(stored.metadata());
            assertEquals("stop", metadata.reason());
            assertEquals(60, Objects.requireNonNull(metadata.usage()).out());
        }
        assertEquals(6, visitor.messages(chat).size());
    }

    @Test
    void theSameMessageTwiceAndInParallelIsOneMessageAndOneAnswer() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String id = "m-" + UUID.randomUUID();
        String text = "Only once " + id;
        var answers = new ArrayList<Accepted>();
        var ready = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var posts = new ArrayList<Future<Accepted>>();
            for (int i = 0; i < 12; i++) {
                posts.add(
                        threads.submit(() -> {
                            ready.await();
                            return visitor.say(chat, id, text);
                        }));
            }
            ready.countDown();
            for (Future<Accepted> post : posts) {
                answers.add(post.get());
            }
        }
        Answer answer = visitor.read(chat).answer("0", Scene.SOON);
        Accepted again = visitor.say(chat, id, text);

        assertEquals(1, answers.stream().filter(a -> !a.duplicate()).count());
        assertTrue(again.duplicate());
        var answerIds = new HashSet<String>();
        answers.forEach(a -> answerIds.add(a.answerId()));
        answerIds.add(again.answerId());
        assertEquals(1, answerIds.size());
        scene.assertAnswered(visitor, chat, again, answer);
        assertEquals(2, visitor.messages(chat).size());
        assertEquals(1, scene.model().requests(id).size());
    }

    @Test
    void messagesOfOneChatAreAnsweredInOrder() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        var turns = new ArrayList<Accepted>();
        for (int i = 1; i <= 4; i++) {
            turns.add(visitor.say(chat, "Number " + i + " [stub deltas=10 delay=20]"));
        }
        String cursor = "0";
        for (int i = 0; i < 4; i++) {
            Answer answer = visitor.read(chat).answer(cursor, Scene.SOON);
            cursor = answer.cursor().toString();
            assertEquals(
                    turns.get(i).answerId(), answer.all(Frame.Start.class).getFirst().messageId());
        }
        assertEquals(8, visitor.messages(chat).size());
    }

    @Test
    void aStopEndsTheModelsRequestWithinASecond() throws Exception {
        Visitor visitor = scene.visitor();
        for (String how : List.of("deltas=2000 delay=20", "fault=hang_before_headers")) {
            UUID chat = visitor.openChat();
            String mark = "stop-" + UUID.randomUUID();
            visitor.say(chat, mark + " [stub " + how + "]");
            SeenRequest request =
                    Await.value(
                            Scene.SOON,
                            "the model to be asked",
                            () -> {
                                var seen = scene.model().requests(mark);
                                return seen.isEmpty() ? null : seen.getFirst();
                            });
            if (how.startsWith("deltas")) {
                Await.until(
                        Scene.SOON,
                        "some deltas",
                        () -> scene.model().requests(mark).getFirst().deltas() > 20);
            }
            Instant before = Instant.now();

            assertEquals(1, visitor.stop(chat));

            SeenRequest ended =
                    Await.value(
                            Scene.SOON,
                            "the model's request to end",
                            () ->
                                    scene.model().requests(mark).stream()
                                            .filter(r -> r.id() == request.id())
                                            .filter(r -> !r.state().equals("open"))
                                            .findFirst()
                                            .orElse(null));
            assertEquals("aborted", ended.state());
            Duration took = Duration.between(before, Objects.requireNonNull(ended.endedAt()));
            assertTrue(took.compareTo(Duration.ofSeconds(1)) < 0, how + " took " + took);
            Answer answer = visitor.read(chat).answer("0", Scene.SOON);
            assertInstanceOf(Frame.Abort.class, answer.last());
            ChatMessage stored = visitor.messages(chat).getLast();
            if (stored.role().equals("assistant")) {
                assertEquals(stored.parts(), answer.parts());
                assertEquals("stopped", Objects.requireNonNull(stored.metadata()).state());
            }
            Accepted retried = visitor.retry(chat);
            assertFalse(retried.duplicate());
            visitor.stop(chat);
        }
    }

    @Test
    void withoutAWorkerTheVisitorSeesWhyAndIsAnsweredLater() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        scene.worker.process().terminate();
        try {
            Accepted accepted = visitor.say(chat, "Is anybody there? [stub deltas=5]");
            assertEquals(1, accepted.run().position());
            var chatNow = visitor.chat(chat);
            assertFalse(chatNow.worker().online());
            assertTrue(chatNow.worker().lastSeenAt() != null, "offline since when");
            var seen = new CountDownLatch(1);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var reader = visitor.read(chat);
                reader.onStatus(status -> {
                    if (status.data().position() == 1 && !status.data().worker().online()) {
                        seen.countDown();
                    }
                });
                Future<Answer> answer = threads.submit(() -> reader.answer("0", Scene.LEASE));
                assertTrue(seen.await(20, TimeUnit.SECONDS), "a status with position and absence");
                scene.worker.start();
                scene.assertAnswered(visitor, chat, accepted, answer.get());
            }
        } finally {
            if (!scene.worker.process().alive()) {
                scene.worker.start();
            }
        }
    }
}
