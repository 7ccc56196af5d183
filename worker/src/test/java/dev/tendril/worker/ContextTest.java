package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.trace.Span;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.model.Dialect;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelProfile;
import dev.tendril.worker.model.ModelTimeouts;
import dev.tendril.worker.model.ModelTraits;
import dev.tendril.worker.model.Models;
import dev.tendril.worker.model.Price;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import dev.tendril.worker.tool.ScriptedTool;
import dev.tendril.worker.tool.ToolBox;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the model is shown of a chat, and what stays of a turn.
class ContextTest extends WorkerScene {
    private static final int WINDOW = 2_000;

    private ModelClient model(int window) {
        Price price = new Price(BigDecimal.ONE, BigDecimal.ONE, BigDecimal.ONE);
        return new Models(http(), Wire.JSON, () -> {})
                .inOrder(
                        List.of(
                                new ModelProfile(
                                        "small",
                                        ModelEndpoint.of(server.url(), null, "m"),
                                        Dialect.OPENAI,
                                        ModelTimeouts.DEFAULT,
                                        0,
                                        new ModelTraits(false, window, 200, price),
                                        Map.of())));
    }

    private static List<ChatMessage> longChat(int turns) {
        List<ChatMessage> history = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            history.add(RelayDouble.visitor("q" + i, "Question " + i + " " + "word ".repeat(80)));
            history.add(RelayDouble.assistant("a" + i, "Answer " + i + " " + "more ".repeat(80)));
        }
        history.add(RelayDouble.visitor("last", "And now?"));
        return history;
    }

    private static String body(String request) {
        return request.substring(request.indexOf("\r\n\r\n") + 4);
    }

    private static List<?> messages(String request) throws Exception {
        return (List<?>) Objects.requireNonNull(Json.readObject(body(request)).get("messages"));
    }

    private List<Frame.RelayCompacted> marks(ClaimedRun run) {
        return relay.frames(run.runId()).stream()
                .filter(Frame.RelayCompacted.class::isInstance)
                .map(Frame.RelayCompacted.class::cast)
                .toList();
    }

    @Test
    void aChatThatOutgrowsTheWindowIsSummedUpOnceAndAnchored() throws Exception {
        server.then(call -> call.say("Facts: ", "the visitor grows ferns."))
                .then(call -> call.say("Ferns, then."));
        start(model(WINDOW), TurnTools.NONE, 1);
        ClaimedRun run = relay.ask(longChat(12), null, 1, false);
        relay.awaitEnd(run.runId());

        assertEquals("done", relay.state(run.runId()));
        assertEquals("Ferns, then.", relay.text(run.runId()));
        assertEquals(2, server.requests().size());
        assertTrue(server.requests().getFirst().contains("You keep the notes of a chat"));
        int stands = marks(run).getFirst().data().messages();
        assertTrue(stands > 10, "messages summed up: " + stands);
        String asked = server.requests().get(1);
        assertTrue(asked.contains("the visitor grows ferns."), asked);
        assertTrue(asked.contains("And now?"), asked);
        assertFalse(asked.contains("Question 0 "), "an old message was sent too");
        Checkpoint last = relay.checkpoints(run.runId()).getLast();
        assertEquals(
                List.of("COMPACT", "MODEL"),
                last.spans().stream().map(span -> span.kind().name()).toList());
        assertEquals("m", last.spans().getFirst().name());
        assertTrue(last.snapshot().contains("the visitor grows ferns."), last.snapshot());

        relay.snapshot(last.snapshot());
        List<ChatMessage> later = new ArrayList<>(longChat(12));
        later.add(RelayDouble.assistant("a-last", "Ferns, then."));
        later.add(RelayDouble.visitor("later", "And later?"));
        ClaimedRun next = relay.ask(later, null, 1, false);
        relay.awaitEnd(next.runId());
        assertEquals(3, server.requests().size(), "the summary was not made again");
        assertEquals(List.of(), marks(next));
        assertTrue(server.requests().getLast().contains("the visitor grows ferns."));
        assertTrue(server.requests().getLast().contains("And now?"));
    }

    @Test
    void aSummaryThatFailsLeavesTheOldestOut() throws Exception {
        server.then(call -> call.send(400, "application/json", "{\"error\":{\"message\":\"no\"}}"))
                .then(call -> call.say("Still here."));
        start(model(WINDOW), TurnTools.NONE, 1);
        ClaimedRun run = relay.ask(longChat(12), null, 1, false);
        relay.awaitEnd(run.runId());
        assertEquals("Still here.", relay.text(run.runId()));
        assertEquals(List.of(), marks(run));
        assertFalse(server.requests().get(1).contains("Question 0 "));
        assertTrue(server.requests().get(1).contains("And now?"));
    }

    /// A message that was worded anew takes the summary with it that had stood for it.
    @Test
    void aSummaryWhoseAnchorIsGoneIsNotUsed() throws Exception {
        relay.snapshot(
                "{\"version\":1,\"model\":\"m\",\"steps\":1,\"memo\":{\"summary\":\"Old"
                        + " notes.\",\"upTo\":\"gone\",\"messages\":4}}");
        server.then(call -> call.say("ok"));
        start(model(100_000), TurnTools.NONE, 1);
        ClaimedRun run = relay.ask(longChat(2), null, 1, false);
        relay.awaitEnd(run.runId());
        assertFalse(server.requests().getFirst().contains("Old notes."));
        assertTrue(server.requests().getFirst().contains("Question 0 "));
    }

    private static void callTool(ModelDouble.Exchange call, String id) throws IOException {
        call.begin();
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\""
                                + id
                                + "\",\"function\":{\"name\":\"recall\",\"arguments\":\"{\\\"text\\\":\\\""
                                + id
                                + "\\\"}\"}}]}",
                        "tool_calls"));
        call.data("{\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10}}");
        call.data("[DONE]");
    }

    private static TurnTools tools(boolean reversed) {
        var tools =
                new ArrayList<>(
                        List.of(
                                new ScriptedTool("recall", _ -> "noted"),
                                new ScriptedTool("forget", _ -> "gone"),
                                new ScriptedTool("read_page", _ -> "page")));
        return new TurnTools(
                new ToolBox(reversed ? tools.reversed() : tools, Policy.safe(), Role.VISITOR),
                InstantSource.system());
    }

    /// The pin: whoever changes how system prompt and tools are written makes every provider's
    /// cache miss once, and should know it.
    private static final String PINNED_TOOLS =
            "[{\"type\":\"function\",\"function\":{\"name\":\"forget\",\"description\":\"forget\","
                    + "\"parameters\":SCHEMA}},{\"type\":\"function\",\"function\":{\"name\":\"read_page\","
                    + "\"description\":\"read_page\",\"parameters\":SCHEMA}},{\"type\":\"function\","
                    + "\"function\":{\"name\":\"recall\",\"description\":\"recall\",\"parameters\":SCHEMA}}]";

    @Test
    void thePromptsPrefixIsTheSameBytesInEachStepAndTurn() throws Exception {
        String schema = Json.write(Json.readObject(ScriptedTool.TEXT_SCHEMA));
        String pinned = "\"tools\":" + PINNED_TOOLS.replace("SCHEMA", schema);
        server.then(call -> callTool(call, "one"))
                .then(call -> callTool(call, "two"))
                .then(call -> call.say("Done."));
        start(model(100_000), tools(false), 1);
        ClaimedRun run = relay.ask(longChat(2), null, 1, false);
        relay.awaitEnd(run.runId());
        List<String> requests = server.requests();
        assertEquals(3, requests.size());
        List<?> before = List.of();
        for (String request : requests) {
            assertTrue(body(request).contains(pinned), body(request));
            List<?> now = messages(request);
            assertTrue(now.size() > before.size());
            assertEquals(before, now.subList(0, before.size()), "each step continues the last");
            before = now;
        }
        String system = Json.write(before.getFirst());
        start(model(100_000), tools(true), 1);
        ClaimedRun other = relay.ask("Something else");
        relay.awaitEnd(other.runId());
        assertTrue(body(server.requests().getLast()).contains(pinned));
        assertEquals(system, Json.write(messages(server.requests().getLast()).getFirst()));
    }

    @Test
    void aTurnsTraceTellsEachCallWithItsCost() {
        server.then(call -> callTool(call, "one")).then(call -> call.say("Done."));
        start(model(100_000), tools(false), 1);
        ClaimedRun run = relay.ask("Remember?");
        relay.awaitEnd(run.runId());
        List<Span> spans =
                relay.checkpoints(run.runId()).stream().flatMap(c -> spans(c).stream()).toList();
        assertEquals(
                List.of("MODEL m tool-calls", "TOOL recall ok", "MODEL m stop"),
                spans.stream().map(s -> s.kind() + " " + s.name() + " " + s.outcome()).toList());
        assertEquals(0, new BigDecimal("0.00101").compareTo(spans.getFirst().spent().cost()));
        assertEquals("a1-s1-c0", spans.get(1).id());
        assertEquals("{\"text\":\"one\"}", spans.get(1).words().input());
        assertEquals("{\"result\":\"noted\"}", spans.get(1).words().output());
        assertTrue(spans.getLast().time().firstMs() <= spans.getLast().time().ms());
    }

    private static List<Span> spans(Checkpoint checkpoint) {
        @Nullable List<Span> spans = checkpoint.spans();
        return spans == null ? List.of() : spans;
    }
}
