package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.model.Dialect;
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
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import dev.tendril.worker.tool.Turns;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Turns of several steps: tool calls, limits, checkpoints.
class StepsTest extends WorkerScene {
    /// A visitor's tool that adds, and counts how often.
    private static final class Tools implements Tool {
        private final AtomicInteger calls = new AtomicInteger();
        private final ToolCard card;

        Tools(boolean repeatable) {
            card =
                    ToolCard.harmless("recall", "Adds.", "{\"type\":\"object\"}")
                            .with(Set.of(), repeatable)
                            .ownWords();
        }

        TurnTools box() {
            return new TurnTools(
                    new ToolBox(List.of(this), Policy.safe(), Role.VISITOR),
                    InstantSource.system());
        }

        @Override
        public ToolCard card() {
            return card;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context) {
            calls.incrementAndGet();
            return ToolResult.of(Map.of("sum", 5));
        }
    }

    private static void callTool(ModelDouble.Exchange call, String name) throws IOException {
        call.begin();
        call.text("Let me see.");
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\""
                                + name
                                + "\",\"arguments\":\"{\\\"a\\\":\"}}]}",
                        null));
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"2}\"}}]}",
                        null));
        call.data(ModelDouble.chunk("{}", "tool_calls"));
        call.data("[DONE]");
    }

    @Test
    void callsToolsAndGoesOn() {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(false);
        start(model(), tools.box(), 1);
        ClaimedRun run = relay.ask("2 + 3?");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertEquals(1, tools.calls.get());
        var frames = relay.frames(run.runId());
        assertTrue(
                frames.contains(
                        new Frame.ToolInputAvailable("a1-s1-c0", "recall", Map.of("a", 2), true)),
                frames.toString());
        assertTrue(
                frames.contains(new Frame.ToolOutputAvailable("a1-s1-c0", Map.of("sum", 5), true)),
                frames.toString());
        assertEquals(List.of(1, 2, 3), steps(run));
        String second = server.requests().get(1);
        assertTrue(second.contains("\"tool_call_id\":\"c1\""), second);
        assertTrue(second.contains("\\\"sum\\\":5}"), second);
    }

    @Test
    void anUnknownToolIsToldToTheModel() {
        server.then(call -> callTool(call, "rm")).then(call -> call.say("Sorry."));
        start(model(), new Tools(false).box(), 1);
        ClaimedRun run = relay.ask("Delete it");
        relay.awaitEnd(run.runId());
        assertEquals("done", relay.state(run.runId()));
        assertTrue(
                relay.frames(run.runId())
                        .contains(
                                new Frame.ToolOutputError(
                                        "a1-s1-c0", "There is no tool rm; recall exists.", true)));
    }

    @Test
    void aModelThatOnlyCallsToolsIsStopped() {
        server.then(call -> callTool(call, "recall"));
        var tools = new Tools(true);
        start(model(), tools.box(), 1);
        ClaimedRun run = relay.ask("For ever");
        relay.awaitEnd(run.runId());
        var finish = assertInstanceOf(Frame.Finish.class, relay.frames(run.runId()).getLast());
        assertEquals("cap", finish.messageMetadata().reason());
        assertEquals(3, tools.calls.get());
        assertTrue(relay.text(run.runId()).startsWith("Let me see."));
    }

    /// A second attempt begins at each of the first one's checkpoints; nothing is done twice.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void continuesAfterACheckpoint(int step) {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(false);
        start(model(), tools.box(), 1);
        ClaimedRun first = relay.ask("2 + 3?");
        relay.awaitEnd(first.runId());
        Checkpoint at = relay.checkpoints(first.runId()).get(step - 1);
        int requests = server.requests().size();

        ClaimedRun second = relay.ask(first.history(), at, 2, true);
        relay.awaitEnd(second.runId());
        assertEquals("done", relay.state(second.runId()));
        assertEquals(1, tools.calls.get(), "a tool ran twice");
        assertFalse(types(second).contains("Start"), "start was written twice");
        switch (step) {
            case 1 -> {
                assertTrue(
                        relay.frames(second.runId()).stream()
                                .anyMatch(frame ->
                                        frame instanceof Frame.ToolOutputError error
                                                && error.toolCallId().equals("a1-s1-c0")
                                                && error.errorText().contains("unknown")));
                assertEquals(requests + 1, server.requests().size());
            }
            case 2 -> {
                assertEquals("It is 5.", relay.text(second.runId()));
                assertTrue(relay.frames(second.runId()).contains(new Frame.TextStart("a2-s2-0")));
                assertEquals(requests + 1, server.requests().size());
            }
            default -> {
                assertEquals(List.of("Finish"), types(second));
                assertEquals(requests, server.requests().size());
            }
        }
    }

    @Test
    void aRepeatableToolIsCalledAgain() {
        server.then(call -> callTool(call, "recall")).then(call -> call.say("It is 5."));
        var tools = new Tools(true);
        start(model(), tools.box(), 1);
        ClaimedRun first = relay.ask("2 + 3?");
        relay.awaitEnd(first.runId());
        ClaimedRun second =
                relay.ask(first.history(), relay.checkpoints(first.runId()).getFirst(), 2, true);
        relay.awaitEnd(second.runId());
        assertEquals(2, tools.calls.get());
    }

    @Test
    void aForeignCheckpointFailsVisibly() {
        start();
        ClaimedRun run =
                relay.ask(
                        List.of(RelayDouble.visitor("1", "x")),
                        new Checkpoint(1, "{\"version\":99}"),
                        2,
                        true);
        relay.awaitEnd(run.runId());
        assertEquals("internal", relay.failure(run.runId()).code());
    }

    /// Two cents a step by the price of the model that answers: the third step would cost too much.
    @Test
    void aTurnThatCostsTooMuchIsSummedUp() throws Exception {
        Price price = new Price(BigDecimal.ZERO, BigDecimal.ZERO, new BigDecimal("10000"));
        var profile =
                new ModelProfile(
                        "dear",
                        ModelEndpoint.of(server.url(), null, "m"),
                        Dialect.OPENAI,
                        ModelTimeouts.DEFAULT,
                        0,
                        new ModelTraits(false, 0, 0, price),
                        Map.of());
        var tool = new AtomicInteger();
        server.then(call -> callCounted(call, tool.incrementAndGet()))
                .then(call -> callCounted(call, tool.incrementAndGet()))
                .then(call -> call.say("That is all for the money."));
        Policy policy =
                Turns.policy(dir.resolve("rules"), "roles: {visitor: {budget: {money: 0.04}}}");
        var tools = new Tools(true);
        start(
                new Models(http(), Wire.JSON, () -> {}).inOrder(List.of(profile)),
                new TurnTools(
                        new ToolBox(List.of(tools), policy, Role.VISITOR), InstantSource.system()),
                1);
        ClaimedRun run = relay.ask("Dear");
        relay.awaitEnd(run.runId());
        var finish = assertInstanceOf(Frame.Finish.class, relay.frames(run.runId()).getLast());
        assertEquals("cap", finish.messageMetadata().reason());
        assertEquals(2, tools.calls.get());
        assertTrue(relay.text(run.runId()).endsWith("That is all for the money."));
        assertTrue(server.requests().getLast().contains("limit of cost"));
        String last = relay.checkpoints(run.runId()).getLast().state();
        assertTrue(last.contains("\"cost\":0.07"), last);
    }

    private static void callCounted(ModelDouble.Exchange call, int n) throws IOException {
        call.begin();
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"c"
                                + n
                                + "\",\"function\":{\"name\":\"recall\",\"arguments\":\"{\\\"n\\\":"
                                + n
                                + "}\"}}]}",
                        "tool_calls"));
        call.data("{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}");
        call.data("[DONE]");
    }
}
