package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// What must hold after every drill, whatever died.
public final class Verdicts {
    private Verdicts() {}

    /// Asserts that the turn is answered, once, and that history, stream and database agree.
    ///
    /// @return the answer's text
    public static String assertAnswered(
            House house, Visitor visitor, UUID chat, Accepted turn, Answer answer)
            throws Exception {
        assertInstanceOf(Frame.Finish.class, answer.last());
        assertEquals(
                1,
                answer.all(Frame.Start.class).stream()
                        .filter(s -> s.messageId().equals(turn.answerId()))
                        .count(),
                "start frames of the answer");
        List<ChatMessage> history = visitor.messages(chat);
        List<ChatMessage> answers =
                history.stream().filter(m -> m.id().equals(turn.answerId())).toList();
        assertEquals(1, answers.size(), "answers in the history");
        assertEquals(answers.getFirst().parts(), answer.parts(), "history and stream");
        assertEquals(
                1,
                history.stream().filter(m -> m.id().equals(turn.messageId())).count(),
                "visitor's message in the history");
        assertEquals(
                history.stream().filter(Verdicts::finished).count(),
                house.ledger().doneEvents(chat),
                "done events of the chat");
        return answer.text();
    }

    /// An answer that neither failed nor was stopped.
    private static boolean finished(ChatMessage message) {
        Metadata metadata = message.metadata();
        return message.role().equals("assistant") && (metadata == null || metadata.state() == null);
    }

    /// Asserts that nothing in the whole database violates an invariant, once all is at rest.
    public static void assertWhole(House house, Duration limit) throws Exception {
        try {
            Await.until(limit, "all runs to end", () -> house.ledger().unended().isEmpty());
        } finally {
            assertEquals(List.of(), house.ledger().violations(), "violations");
        }
    }
}
