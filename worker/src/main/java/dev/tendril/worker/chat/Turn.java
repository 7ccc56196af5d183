package dev.tendril.worker.chat;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelInfo;
import dev.tendril.worker.model.ModelRequest;
import dev.tendril.worker.model.ModelStream;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.run.FrameWriter;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One attempt at one turn.
final class Turn {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);
    private static final String CAP = "cap";
    private static final int MAX_CHECKPOINT_BYTES = 256 * 1024;

    private final ClaimedRun run;
    private final FrameWriter out;
    private final ModelClient model;
    private final ToolBox tools;
    private final String persona;
    private final TurnLimits limits;
    private final JsonMapper json;
    private final long startNanos = System.nanoTime();
    private int checkpoints;
    private TurnState state;

    Turn(
            ClaimedRun run,
            FrameWriter out,
            ModelClient model,
            ToolBox tools,
            String persona,
            TurnLimits limits,
            JsonMapper json) {
        this.run = run;
        this.out = out;
        this.model = model;
        this.tools = tools;
        this.persona = persona;
        this.limits = limits;
        this.json = json;
        Checkpoint last = run.checkpoint();
        this.checkpoints = last == null ? 0 : last.step();
        this.state = last == null ? TurnState.begin() : resumed(last);
    }

    private TurnState resumed(Checkpoint last) {
        try {
            TurnState stored = json.readValue(last.state(), TurnState.class);
            if (stored != null && stored.version() == TurnState.VERSION) {
                return stored;
            }
            throw new IOException("version");
        } catch (IOException e) {
            throw new IllegalStateException("the checkpoint is of another worker version", e);
        }
    }

    /// Answers, from wherever the last attempt got to.
    void answer() throws ModelFailure, LinkException, InterruptedException {
        if (!run.opened()) {
            out.write(new Frame.Start(run.answerId(), metadata(null, null)));
        }
        if (!state.open().isEmpty()) {
            out.write(new Frame.StartStep());
            callTools(true);
            out.write(new Frame.FinishStep());
        }
        while (state.reason() == null) {
            if (state.steps() >= limits.steps() || timeIsUp()) {
                state = state.capped(CAP);
            } else {
                step();
            }
        }
        out.complete(new Frame.Finish(metadata(state.reason(), state.usage())));
        LOG.info(
                "Run {} answered by {} in {} ms: attempt {}, {} steps, {}, tokens {}",
                run.runId(),
                model.info().name(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                run.attempt(),
                state.steps(),
                state.reason(),
                state.usage());
    }

    private boolean timeIsUp() {
        return System.nanoTime() - startNanos > limits.time().toNanos();
    }

    private Metadata metadata(@Nullable String reason, Metadata.@Nullable Usage usage) {
        ModelInfo info = model.info();
        return new Metadata(null, info.name(), info.kind(), null, reason, usage, null);
    }

    /// One model call with the tool calls that it asks for.
    private void step() throws ModelFailure, LinkException, InterruptedException {
        out.write(new Frame.StartStep());
        List<PromptMessage> messages =
                new ArrayList<>(Prompt.of(run.history(), limits.historyChars()));
        messages.addAll(state.said());
        var answer = new StepWriter(out, "a" + run.attempt() + "-s" + (state.steps() + 1), json);
        try (ModelStream stream =
                model.stream(new ModelRequest(persona, messages, tools.specs()))) {
            read(stream, answer);
        }
        answer.finish();
        if (answer.calls().isEmpty() || CAP.equals(answer.reason())) {
            state = state.ended(answer.reason(), answer.usage());
            out.write(new Frame.FinishStep());
            checkpoint();
            return;
        }
        state = state.called(answer.message(), answer.calls(), answer.usage());
        checkpoint();
        callTools(false);
        out.write(new Frame.FinishStep());
    }

    private void read(ModelStream stream, StepWriter answer)
            throws ModelFailure, LinkException, InterruptedException {
        while (answer.reason() == null) {
            answer.accept(stream.next());
            if (answer.chars() > limits.answerChars() || timeIsUp()) {
                answer.accept(new ModelEvent.End(CAP));
            }
        }
    }

    private void callTools(boolean resumed) throws LinkException, InterruptedException {
        var calls = new ToolCalls(tools, limits.tool(), json);
        calls.run(
                state.open(),
                resumed,
                (call, outcome) -> {
                    out.write(outcome.frame(call.wireId()));
                    state = state.answered(call, outcome.text());
                    checkpoint();
                });
    }

    private void checkpoint() throws LinkException, InterruptedException {
        String text;
        try {
            text = json.writeValueAsString(state);
        } catch (IOException e) {
            throw new IllegalStateException("the turn's state did not become JSON", e);
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_CHECKPOINT_BYTES) {
            LOG.warn("Run {} is too large for a checkpoint", run.runId());
            return;
        }
        checkpoints++;
        out.checkpoint(new Checkpoint(checkpoints, text));
    }
}
