package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.model.Dialect;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelProfile;
import dev.tendril.worker.model.ModelTimeouts;
import dev.tendril.worker.model.ModelTraits;
import dev.tendril.worker.model.Models;
import dev.tendril.worker.model.Price;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a model gets to see of visitors' images, in each dialect, and what is said when it cannot.
class ImageTest extends WorkerScene {
    private static final String CAT = "0c000000-0000-4000-8000-00000000000";

    @Test
    void aModelThatSeesGetsThemAsDataUrls() {
        server.then(call -> call.say("A cat."));
        start(model(Dialect.OPENAI, true), dev.tendril.worker.chat.TurnTools.NONE, 4);
        ClaimedRun run = ask(List.of(shown("m1", "What is it?", CAT + "1", CAT + "2")));
        relay.awaitEnd(run.runId());
        assertEquals("A cat.", relay.text(run.runId()));
        String request = server.requests().getFirst();
        assertTrue(
                request.contains(
                        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is it?\"},"
                                + url(CAT + "1")
                                + ","
                                + url(CAT + "2")
                                + "]}"),
                request);
        assertFalse(types(run).contains("ToolOutputError"));
    }

    @Test
    void anthropicGetsBlocksInFrontOfTheWords() {
        server.then(call -> call.send(400, "application/json", "{}"));
        start(model(Dialect.ANTHROPIC, true), dev.tendril.worker.chat.TurnTools.NONE, 4);
        ClaimedRun run = ask(List.of(shown("m1", "What is it?", CAT + "1")));
        relay.awaitEnd(run.runId());
        String request = server.requests().getFirst();
        assertTrue(
                request.contains(
                        "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\""
                                + base64(CAT + "1")
                                + "\"}},{\"type\":\"text\",\"text\":\"What is it?\"}]"),
                request);
    }

    @Test
    void aModelThatDoesNotSeeIsToldAndTheVisitorReadsIt() {
        server.then(call -> call.say("I cannot see it."));
        start();
        ClaimedRun run = ask(List.of(shown("m1", "", CAT + "1", CAT + "2")));
        relay.awaitEnd(run.runId());
        String request = server.requests().getFirst();
        assertTrue(
                request.contains(
                        "[The visitor attached 2 image(s). You cannot see images: say so if they"
                                + " matter.]"),
                request);
        assertFalse(request.contains("base64"));
        assertTrue(
                relay.frames(run.runId())
                        .contains(
                                new Frame.ToolOutputError(
                                        "a1-images", "This model cannot see images.", true)));
        assertEquals("I cannot see it.", relay.text(run.runId()));
        assertFalse(relay.calls().stream().anyMatch(path -> path.contains("attachments")));
    }

    @Test
    void whatIsGoneIsWordsAndOnlyTheLatestAreShown() {
        server.then(call -> call.say("ok"));
        start(model(Dialect.OPENAI, true), dev.tendril.worker.chat.TurnTools.NONE, 4);
        List<ChatMessage> history = new ArrayList<>();
        history.add(shown("m1", "first", CAT + "1", CAT + "2", CAT + "3"));
        history.add(RelayDouble.assistant("a1", "yes"));
        history.add(shown("m2", "second", CAT + "4", CAT + "5", CAT + "6"));
        history.add(RelayDouble.assistant("a2", "yes"));
        history.add(shown("m3", "third", CAT + "7", "dead0000-0000-4000-8000-000000000000"));
        ClaimedRun run = ask(history);
        relay.awaitEnd(run.runId());
        String request = server.requests().getFirst();
        for (int seen : List.of(2, 3, 4, 5, 6, 7)) {
            assertTrue(request.contains(url(CAT + seen)), "image " + seen);
        }
        assertFalse(request.contains(url(CAT + "1")));
        assertTrue(request.contains("first\\n\\n[An image of earlier.]"), request);
        assertTrue(request.contains("third\\n\\n[An image that is no longer available.]"), request);
    }

    private ModelClient model(Dialect dialect, boolean vision) {
        var profile =
                new ModelProfile(
                        "eyes",
                        ModelEndpoint.of(server.url(), null, "m"),
                        dialect,
                        new ModelTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(5)),
                        0,
                        new ModelTraits(vision, 0, 0, Price.FREE),
                        Map.of());
        return new Models(http(), Wire.JSON, () -> {}).inOrder(List.of(profile));
    }

    private ClaimedRun ask(List<ChatMessage> history) {
        return relay.ask(history, null, 1, false);
    }

    private static ChatMessage shown(String id, String text, String... images) {
        List<Part> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            parts.add(new Part.Text(text));
        }
        for (String image : images) {
            parts.add(new Part.File("image/png", "/api/v1/attachments/" + image, "cat.png"));
        }
        return new ChatMessage(id, "user", parts, null);
    }

    private static String url(String image) {
        return "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
                + base64(image)
                + "\"}}";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
