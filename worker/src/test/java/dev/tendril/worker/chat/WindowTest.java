package dev.tendril.worker.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolCall;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final long SEED = Long.getLong("tendril.seed", 20_260_501L);

    private static PromptMessage user(String text) {
        return new PromptMessage.User(text);
    }

    private static PromptMessage says(String text) {
        return new PromptMessage.Assistant(text, List.of());
    }

    private static List<PromptMessage> step(int n, int calls, int chars) {
        List<PromptMessage> step = new ArrayList<>();
        List<ToolCall> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            all.add(new ToolCall("c" + n + "-" + i, "look", "{}"));
        }
        step.add(new PromptMessage.Assistant("", all));
        all.forEach(call -> step.add(new PromptMessage.ToolAnswer(call.id(), "x".repeat(chars))));
        return step;
    }

    @Test
    void nothingGivesWayWhenAllFits() {
        List<PromptMessage> history = List.of(user("a"), says("b"), user("c"));
        List<PromptMessage> said = step(1, 2, 100);
        List<PromptMessage> all = new ArrayList<>(history);
        all.addAll(said);
        assertEquals(all, new Window(1_000).fit(history, said));
    }

    @Test
    void theOldestHistoryGoesFirstAndAVisitorBegins() {
        List<PromptMessage> history =
                List.of(
                        user("x".repeat(2_000)),
                        says("y".repeat(400)),
                        user("second"),
                        says("answer"),
                        user("question"));
        assertEquals(
                List.of(user("second"), says("answer"), user("question")),
                new Window(200).fit(history, List.of()));
    }

    @Test
    void olderAnswersOfToolsAreCutBeforeStepsGo() {
        List<PromptMessage> said = new ArrayList<>(step(1, 1, 20_000));
        said.addAll(step(2, 1, 2_000));
        List<PromptMessage> fitted = new Window(1_500).fit(List.of(user("q")), said);
        assertEquals(5, fitted.size());
        String older = ((PromptMessage.ToolAnswer) fitted.get(2)).text();
        assertTrue(older.length() < 1_100 && older.contains("left out"), older);
        assertEquals(said.get(3), fitted.get(4), "the newest answer is whole");
    }

    /// Whatever the sizes: within the limit, pairs whole, the question there.
    @Test
    void pairsAreNeverSplit() {
        Random random = new Random(SEED);
        for (int round = 0; round < 500; round++) {
            List<PromptMessage> history = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                history.add(user("h".repeat(1 + random.nextInt(3_000))));
                history.add(says("a".repeat(1 + random.nextInt(3_000))));
            }
            history.add(user("QUESTION" + "q".repeat(random.nextInt(5_000))));
            List<PromptMessage> said = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                said.addAll(step(i, 1 + random.nextInt(4), random.nextInt(20_000)));
                if (random.nextInt(4) == 0) {
                    said.add(user("a remark"));
                }
            }
            int tokens = 800 + random.nextInt(12_000);
            List<PromptMessage> fitted = new Window(tokens).fit(history, said);
            String where = "seed " + SEED + ", round " + round;
            assertTrue(
                    Tokens.of(fitted) <= tokens, where + ": " + Tokens.of(fitted) + " > " + tokens);
            check(fitted, where);
        }
    }

    private static void check(List<PromptMessage> fitted, String where) {
        Set<String> open = new HashSet<>();
        boolean question = false;
        assertTrue(fitted.getFirst() instanceof PromptMessage.User, where);
        for (PromptMessage message : fitted) {
            switch (message) {
                case PromptMessage.User user -> {
                    assertTrue(open.isEmpty(), where + ": a call without its answer");
                    question |= user.text().startsWith("QUESTION");
                }
                case PromptMessage.Assistant(_, List<ToolCall> calls) -> {
                    assertTrue(open.isEmpty(), where + ": a call without its answer");
                    calls.forEach(call -> open.add(call.id()));
                }
                case PromptMessage.ToolAnswer(String callId, _) ->
                        assertTrue(open.remove(callId), where + ": an answer without its call");
            }
        }
        assertTrue(open.isEmpty(), where + ": a call without its answer");
        assertTrue(question, where + ": no question");
    }

    @Test
    void tokensAreEstimatedByScript() {
        assertEquals(3, Tokens.of("Hello there."));
        assertEquals(4, Tokens.of("質問です"));
        assertTrue(Tokens.of("Übergröße ".repeat(9)) > Tokens.of("Ubergrosse ".repeat(9)));
        assertEquals(0, Tokens.of(""));
    }
}
