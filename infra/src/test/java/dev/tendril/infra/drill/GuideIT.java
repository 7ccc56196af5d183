package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.house.House;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The first minute: no model, the built-in guide answers from the bundled pages.
@ResourceLock(Scene.LOCK)
final class GuideIT {
    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void theGuideAnswersFromItsPagesAndNamesItsSource() throws Exception {
        scene.worker.process().terminate();
        House.Worker guide = scene.house.worker("guide", scene.relay.url());
        try {
            Visitor visitor = scene.visitor();
            UUID chat = visitor.openChat();
            Accepted accepted =
                    visitor.say(chat, "What is Tendril and how does the worker connect?");
            Answer answer = visitor.read(chat).answer("0", Scene.SOON);

            String text = scene.assertAnswered(visitor, chat, accepted, answer);
            assertTrue(text.length() > 40, text);
            assertTrue(answer.all(Frame.TextDelta.class).size() >= 3, "words in several frames");
            var stored = visitor.messages(chat).getLast();
            List<Part> sources =
                    stored.parts().stream().filter(p -> p instanceof Part.SourceUrl).toList();
            assertTrue(!sources.isEmpty(), "a source");
            assertEquals("guide", Objects.requireNonNull(stored.metadata()).modelKind());
            assertEquals("guide", visitor.chat(chat).worker().modelKind());
        } finally {
            guide.process().terminate();
            scene.worker.start();
        }
    }
}
