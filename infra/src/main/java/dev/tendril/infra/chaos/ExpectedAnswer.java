package dev.tendril.infra.chaos;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.infra.stub.StubAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the answer to a message must be, whoever gives it.
final class ExpectedAnswer {
    private static final Pattern DELTAS = Pattern.compile("\\[stub deltas=(\\d+)");
    private static final Pattern TURN = Pattern.compile("Turn (\\d+), (\\d+) characters: ");
    private static final String JOINT = "\n\n";

    private ExpectedAnswer() {}

    /// Why `answer` is not the answer to `question`; null when it is.
    ///
    /// @param said all that the visitor ever said in the chat: a worker puts messages that got no
    ///   answer, as those that were stopped at once, before the next one
    static @Nullable String wrong(String question, String answer, Collection<String> said) {
        Matcher turn = TURN.matcher(answer);
        if (!turn.lookingAt()) {
            return "is no answer of the model: " + brief(answer);
        }
        int length = Integer.parseInt(turn.group(2));
        String rest = answer.substring(turn.end());
        if (rest.codePointCount(0, rest.length()) < length) {
            return "is cut off: " + brief(answer);
        }
        String asked = rest.substring(0, rest.offsetByCodePoints(0, length));
        boolean his =
                (JOINT + asked).endsWith(JOINT + question)
                        && said.containsAll(List.of(asked.split(JOINT)));
        if (!his) {
            return "answers something else: " + brief(asked);
        }
        String expected = StubAnswer.text(Integer.parseInt(turn.group(1)), asked, deltas(asked));
        if (expected.equals(answer)) {
            return null;
        }
        int same = 0;
        while (same < Math.min(expected.length(), answer.length())
                && expected.charAt(same) == answer.charAt(same)) {
            same++;
        }
        return "has %d characters instead of %d and differs from character %d: …%s"
                .formatted(
                        answer.length(),
                        expected.length(),
                        same,
                        brief(answer.substring(Math.max(0, same - 20))));
    }

    /// The answer in frames as a worker sends them, the last batch being the one that completes.
    static List<List<Frame>> batches(ClaimedRun run, int deltasPerBatch) {
        String question = RudeWorker.question(run);
        int turn = (int) run.history().stream().filter(m -> m.role().equals("user")).count();
        List<String> deltas = StubAnswer.deltas(turn, question, deltas(question));
        String part = "a" + run.attempt() + "-" + run.fence() + "-t";
        var batches = new ArrayList<List<Frame>>();
        var batch = new ArrayList<Frame>();
        if (!run.opened()) {
            batch.add(new Frame.Start(run.answerId(), null));
        }
        batch.add(new Frame.StartStep());
        batch.add(new Frame.TextStart(part));
        for (int i = 0; i < deltas.size(); i++) {
            batch.add(new Frame.TextDelta(part, deltas.get(i)));
            if (i % deltasPerBatch == deltasPerBatch - 1) {
                batches.add(List.copyOf(batch));
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            batches.add(List.copyOf(batch));
        }
        batches.add(
                List.of(new Frame.TextEnd(part), new Frame.FinishStep(), new Frame.Finish(null)));
        return batches;
    }

    private static int deltas(String question) {
        Matcher matcher = DELTAS.matcher(question);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 20;
    }

    private static String brief(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
