package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.stage.CallProxy;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Visitor;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Peers of a later version say more than those of today understand: it is left unread.
@ResourceLock(FailureScene.LOCK)
final class Failure24VersionSkewIT {
    private static final String NEWER = "{\"fromALaterVersion\":{\"a\":[1,{\"b\":null}]},";

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void aNewerWorkerAndANewerRelayAreUnderstood() throws Exception {
        var said = new AtomicInteger();
        scene.proxy.rule(call ->
                CallProxy.Fate.edited(
                        newer(call.body(), said), answer -> newer(String.valueOf(answer), said)));
        scene.proxy.cutAll();

        Turn turn = scene.ask(scene.relay.url(), "skew", 40, 10);

        turn.assertAnswered();
        assertEquals(1, turn.attempt());
        assertTrue(said.get() > 8, "bodies of a later version: " + said);
    }

    @Test
    void aNewerPageIsUnderstood() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String text = FailureScene.text("newer page", 20, 0);
        String body =
                newer(
                        "{\"id\":\"%s\",\"parts\":[%s\"type\":\"text\",\"text\":\"%s\"}]}"
                                .formatted(UUID.randomUUID(), NEWER, text),
                        new AtomicInteger());

        var answer = visitor.call("POST", "/api/v1/chats/" + chat + "/messages", body);

        assertEquals(202, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        assertEquals(
                StubAnswer.text(1, text, 20),
                visitor.read(chat).answer("0", FailureScene.SOON).text());
    }

    private static String newer(String json, AtomicInteger said) {
        if (!json.startsWith("{\"")) {
            return json;
        }
        said.incrementAndGet();
        return NEWER + json.substring(1);
    }
}
