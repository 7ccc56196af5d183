package dev.tendril.infra.failure;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.drill.Verdicts;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.UnexpectedAnswer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// One question and a reader of its answer, which runs in the background from the first frame on.
final class Turn {
    private final House house;
    final Visitor visitor;
    final UUID chat;
    final String text;
    final Accepted accepted;
    private final int deltas;
    private int ordinal = 1;
    private final AtomicInteger pieces = new AtomicInteger();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private Turn(
            House house, Visitor visitor, UUID chat, String text, Accepted accepted, int deltas) {
        this.house = house;
        this.visitor = visitor;
        this.chat = chat;
        this.text = text;
        this.accepted = accepted;
        this.deltas = deltas;
    }

    /// Posts `text`, again as long as it is told to come back, and begins to read.
    static Turn ask(House house, Visitor visitor, UUID chat, String text, int deltas) {
        String id = UUID.randomUUID().toString();
        Accepted accepted =
                Await.value(
                        FailureScene.SOON,
                        "a question to be accepted",
                        () -> {
                            try {
                                return visitor.say(chat, id, text);
                            } catch (UnexpectedAnswer e) {
                                if (e.status() == 503) {
                                    return null;
                                }
                                throw new AssertionError(e);
                            }
                        });
        var turn = new Turn(house, visitor, chat, text, accepted, deltas);
        Thread.ofVirtual().name("turn").start(turn::read);
        return turn;
    }

    /// It is not the chat's first: the model says so in its answer.
    Turn nth(int number) {
        ordinal = number;
        return this;
    }

    private void read() {
        try {
            answer.complete(
                    visitor.read(chat)
                            .onFrame(seen -> {
                                if (seen.frame() instanceof Frame.TextDelta) {
                                    pieces.incrementAndGet();
                                }
                            })
                            .answer(accepted.cursor(), FailureScene.LONG));
        } catch (Throwable e) {
            answer.completeExceptionally(e);
        }
    }

    /// Waits until the reader has so many pieces of the text.
    Turn awaitPieces(int count) {
        Await.until(
                FailureScene.SOON,
                count + " pieces of the answer",
                () -> pieces.get() >= count || answer.isDone());
        return this;
    }

    /// How many pieces have come.
    int pieces() {
        return pieces.get();
    }

    /// What the reader saw.
    Answer answer() throws Exception {
        return answer(FailureScene.LONG);
    }

    Answer answer(Duration limit) throws Exception {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the reader of \"" + text + "\"", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + limit + " to " + text, e);
        }
    }

    /// Asserts that it is answered once, word for word, in the stream, the history and the log.
    Answer assertAnswered() throws Exception {
        Answer seen = answer();
        assertEquals(
                StubAnswer.text(ordinal, text, deltas),
                Verdicts.assertAnswered(house, visitor, chat, accepted, seen));
        return seen;
    }

    /// Tries so far.
    int attempt() throws IOException, InterruptedException {
        return requireNonNull(visitor.chat(chat).run()).attempt();
    }
}
