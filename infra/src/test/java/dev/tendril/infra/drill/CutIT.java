package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.stage.CutProxy;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A stream that is cut at any byte reassembles to the exact text, without gap or repeat.
@ResourceLock(Scene.LOCK)
@Order(7)
final class CutIT {
    private static final int CUTS = 200;
    private static final int DELTAS = 900;

    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void twoHundredRandomCutsReassembleToTheExactText() throws Exception {
        long seed = Long.getLong("tendril.seed", System.nanoTime());
        System.out.println("CutIT seed " + seed + " (-Dtendril.seed=…)");
        var random = new Random(seed);
        try (var proxy = CutProxy.to(scene.relay.url())) {
            proxy.cutAfter(() -> 1 + random.nextInt(5_000));
            Visitor direct = scene.visitor();
            UUID chat = direct.openChat();
            String text = "cut me [stub deltas=" + DELTAS + " delay=5]";
            Accepted accepted = direct.say(chat, text);

            Answer live = direct.at(proxy.url()).read(chat).answer("0", Scene.LEASE);

            assertEquals(
                    StubAnswer.text(1, text, DELTAS),
                    scene.assertAnswered(direct, chat, accepted, live));
            assertTrue(live.connections() > 5, "cut while it was live");
            Answer whole = direct.read(chat).answer("0", Scene.SOON);
            assertEquals(1, whole.connections());
            assertEquals(frames(whole), frames(live));
            while (proxy.cuts() < CUTS) {
                Answer replayed = direct.at(proxy.url()).read(chat).answer("0", Scene.LEASE);
                assertEquals(frames(whole), frames(replayed));
            }
        }
    }

    /// Cursors and contents, without the times.
    private static String frames(Answer answer) {
        var all = new StringBuilder();
        answer.frames()
                .forEach(f -> all.append(f.cursor()).append(' ').append(f.frame()).append('\n'));
        return all.toString();
    }
}
