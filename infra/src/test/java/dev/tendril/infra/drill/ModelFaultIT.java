package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.stub.Fault;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Whatever the model does, the visitor gets a sentence and a retry, the operator the cause.
@ResourceLock(Scene.LOCK)
@Order(5)
final class ModelFaultIT {
    private static final int DELTAS = 12;

    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.model().plan("");
        scene.assertWhole();
    }

    private record Trial(UUID chat, String text, Future<Answer> answer) {}

    @Test
    void everyFaultIsToldAndTheRetryAnswers() throws Exception {
        Visitor visitor = scene.visitor();
        Map<Fault, Trial> trials = new EnumMap<>(Fault.class);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Fault fault : Fault.values()) {
                if (fault != Fault.NONE) {
                    UUID chat = visitor.openChat();
                    String text =
                            "%s [stub deltas=%d after=4 fault=%s]"
                                    .formatted(
                                            UUID.randomUUID(),
                                            DELTAS,
                                            fault.name().toLowerCase(Locale.ROOT));
                    visitor.say(chat, text);
                    trials.put(
                            fault,
                            new Trial(
                                    chat,
                                    text,
                                    threads.submit(
                                            () -> visitor.read(chat).answer("0", Scene.LEASE))));
                }
            }
            for (var trial : trials.entrySet()) {
                assertTold(trial.getKey(), visitor, trial.getValue());
            }
        }
        scene.model().plan("well");
        for (Trial trial : trials.values()) {
            Accepted retried = visitor.retry(trial.chat);
            Answer answer = visitor.read(trial.chat).answer(retried.cursor(), Scene.SOON);
            assertEquals(
                    StubAnswer.text(1, trial.text, DELTAS),
                    scene.assertAnswered(visitor, trial.chat, retried, answer));
            assertEquals(
                    409,
                    visitor.call("POST", "/api/v1/chats/" + trial.chat + "/retry", "{}")
                            .statusCode());
        }
    }

    private void assertTold(Fault fault, Visitor visitor, Trial trial) throws Exception {
        Answer answer = trial.answer.get();
        var error = assertInstanceOf(Frame.Error.class, answer.last(), fault.name());
        assertTrue(
                error.errorText().length() > 20 && error.errorText().endsWith("."),
                () -> fault + ": a sentence, not: " + error.errorText());
        assertFalse(error.errorText().contains("127.0.0.1"), "no address for visitors");
        Frame.RelayFailure failure = answer.all(Frame.RelayFailure.class).getFirst();
        assertTrue(failure.data().retryable(), fault + " is retryable");
        ChatMessage stored = visitor.messages(trial.chat).getLast();
        if (stored.role().equals("assistant")) {
            Metadata metadata = Objects.requireNonNull(stored.metadata());
            assertEquals("failed", metadata.state());
            assertEquals(error.errorText(), Objects.requireNonNull(metadata.failure()).text());
            assertEquals(stored.parts(), answer.parts(), "what had been streamed stays");
        }
        assertTrue(
                cause(fault).matcher(scene.worker.process().output()).find(),
                () -> fault + ": no cause in the worker's log");
    }

    /// What the operator must find in the worker's log.
    private static java.util.regex.Pattern cause(Fault fault) {
        return java.util.regex.Pattern.compile(
                switch (fault) {
                    case NONE -> "";
                    case REFUSE, BREAK_MID_STREAM, NO_DONE -> "BROKEN|UNREACHABLE";
                    case HANG_BEFORE_HEADERS -> "NO_ANSWER";
                    case HANG_MID_STREAM -> "STALLED";
                    case GARBAGE, GARBAGE_MID_STREAM -> "GARBAGE|BROKEN";
                    case ERROR_MID_STREAM -> "overloaded_error";
                    case TOO_MANY_REQUESTS -> "429";
                    case SERVER_ERROR -> "500";
                    case UNAUTHORIZED -> "401";
                });
    }
}
