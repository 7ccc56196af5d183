package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.stage.CallProxy;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// One message that comes more than once is one message.
@ResourceLock(FailureScene.LOCK)
final class Failure19DoubleClickIT {
    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void eightClicksAtOnceInTwoTabsAreOneMessageWithOneAnswer() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String id = UUID.randomUUID().toString();
        String text = FailureScene.text("double click", 20, 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Accepted>> clicks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clicks.add(threads.submit(() -> visitor.say(chat, id, text)));
            }
            var answerIds = new HashSet<String>();
            int first = 0;
            for (Future<Accepted> click : clicks) {
                answerIds.add(click.get().answerId());
                first += click.get().duplicate() ? 0 : 1;
            }
            assertEquals(1, answerIds.size());
            assertEquals(1, first, "clicks that were not called duplicates");
            List<Future<Answer>> tabs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                tabs.add(threads.submit(() -> visitor.read(chat).answer("0", FailureScene.SOON)));
            }
            assertEquals(tabs.get(0).get().parts(), tabs.get(1).get().parts());
        }
        assertEquals(2, visitor.messages(chat).size());
        assertEquals(1, scene.model().requests(text).size());
    }

    @Test
    void aResendAfterALostAnswerIsToldSo() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String id = UUID.randomUUID().toString();
        String text = FailureScene.text("resent", 20, 0);
        try (var proxy = CallProxy.to(scene.relay.url())) {
            proxy.rule(_ -> CallProxy.Fate.answerLost());
            assertThrows(IOException.class, () -> visitor.at(proxy.url()).say(chat, id, text));
        }

        Accepted again = visitor.say(chat, id, text);
        Accepted oncemore = visitor.say(chat, id, text);

        assertTrue(again.duplicate());
        assertEquals(again.answerId(), oncemore.answerId());
        visitor.read(chat).answer("0", FailureScene.SOON);
        assertEquals(2, visitor.messages(chat).size());
        assertEquals(1, scene.model().requests(text).size());
    }
}
