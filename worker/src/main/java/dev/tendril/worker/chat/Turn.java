package dev.tendril.worker.chat;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.trace.Span;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelInfo;
import dev.tendril.worker.model.ModelStream;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.model.ToolCall;
import dev.tendril.worker.policy.Budget;
import dev.tendril.worker.run.FrameWriter;
import dev.tendril.worker.tool.AfterWrites;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolRecord;
import dev.tendril.worker.tool.ToolResult;
import dev.tendril.worker.tool.ToolTurn;
import dev.tendril.worker.tool.TurnGuard;
import io.micronaut.json.JsonMapper;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One attempt at one turn.
final class Turn {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);
    private static final String CAP = "cap";

    /// Our pages know the line by this name.
    private static final String UNSEEN_IMAGES = "see_images";

    private final ClaimedRun run;
    private final FrameWriter out;
    private final ModelClient model;
    private final ToolTurn tools;
    private final Setting setting;
    private final TurnGuard guard = new TurnGuard();
    private final Citations citations;
    private final Trace trace = new Trace();
    private final AutoFix autoFix;
    private final Checkpoints checkpoints;
    private final TurnPrompt prompt;
    private final TurnImages images;
    private final long startNanos = System.nanoTime();
    private ModelClient answering;
    private TurnGuard.Verdict verdict = new TurnGuard.Verdict.GoOn();
    private TurnState state;

    /// What all turns of a worker have in common.
    ///
    /// @param persona who the model is
    /// @param limits where a turn ends at the latest
    /// @param json for checkpoints and tool arguments
    /// @param clock for traces
    /// @param build checked after files were changed
    record Setting(
            String persona,
            TurnLimits limits,
            JsonMapper json,
            InstantSource clock,
            AfterWrites build) {}

    Turn(
            ClaimedRun run,
            FrameWriter out,
            ModelClient model,
            ToolTurn tools,
            Setting setting,
            TurnImages images) {
        this.run = run;
        this.out = out;
        this.model = model;
        this.answering = model;
        this.tools = tools;
        this.citations = new Citations(out);
        this.setting = setting;
        this.autoFix = new AutoFix(setting.build());
        this.images = images;
        this.checkpoints = new Checkpoints(run, out, setting.json());
        this.state = checkpoints.last();
        this.prompt =
                new TurnPrompt(
                        model,
                        setting.persona(),
                        tools.cards(),
                        run.history(),
                        images,
                        setting.limits().historyChars() / 4);
        recall();
    }

    /// Tells guard and tools what earlier attempts have done.
    private void recall() {
        Map<String, String> answers = new HashMap<>();
        for (PromptMessage message : state.said()) {
            if (message instanceof PromptMessage.ToolAnswer(String callId, String text)) {
                answers.put(callId, text);
            }
        }
        for (PromptMessage message : state.said()) {
            if (message instanceof PromptMessage.Assistant(_, List<ToolCall> calls)) {
                List<TurnGuard.Call> ended = new ArrayList<>();
                for (ToolCall call : calls) {
                    String answer = answers.get(call.id());
                    if (answer != null) {
                        tools.alreadyDone(call.name());
                        ended.add(guarded(call, !TurnGuard.isError(answer)));
                    }
                }
                if (state.open().isEmpty() || !message.equals(lastCalling())) {
                    verdict = guard.after(ended);
                }
            }
        }
    }

    private @Nullable PromptMessage lastCalling() {
        return state.said().reversed().stream()
                .filter(PromptMessage.Assistant.class::isInstance)
                .findFirst()
                .orElse(null);
    }

    private static TurnGuard.Call guarded(ToolCall call, boolean ok) {
        return new TurnGuard.Call(call.name(), call.arguments(), ok);
    }

    /// Answers, from wherever the last attempt got to.
    void answer() throws ModelFailure, LinkException, InterruptedException {
        if (!run.opened()) {
            out.write(new Frame.Start(run.answerId(), metadata(null, null)));
        }
        if (state.steps() == 0 && images.unseen()) {
            tellUnseen();
        }
        images.fetch();
        AgentSnapshot left = checkpoints.snapshot();
        prompt.begin(state.memo() == null && left != null ? left.memo() : state.memo());
        if (state.steps() == 0 && state.reason() == null) {
            compact();
        }
        if (!state.open().isEmpty()) {
            out.write(new Frame.StartStep());
            callTools(true);
            out.write(new Frame.FinishStep());
        }
        while (state.reason() == null) {
            String cap = cap();
            if (cap == null) {
                step();
            } else {
                close(cap);
            }
        }
        out.complete(new Frame.Finish(metadata(state.reason(), state.usage())));
        LOG.info(
                "Run {} answered by {} in {} ms: attempt {}, {} steps, {}, tokens {}, cost {}",
                run.runId(),
                answering.info().name(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                run.attempt(),
                state.steps(),
                state.reason(),
                state.usage(),
                state.spent());
    }

    /// A step that looks at the images and fails: every client shows it in some way, ours as one
    /// quiet line.
    private void tellUnseen() throws LinkException, InterruptedException {
        String id = "a" + run.attempt() + "-images";
        out.write(new Frame.StartStep());
        out.write(new Frame.ToolInputAvailable(id, UNSEEN_IMAGES, Map.of(), true));
        out.write(new Frame.ToolOutputError(id, "This model cannot see images.", true));
        out.write(new Frame.FinishStep());
    }

    private boolean timeIsUp() {
        long most = Math.min(setting.limits().time().toNanos(), tools.budget().time().toNanos());
        return System.nanoTime() - startNanos > most;
    }

    /// Which limit is reached, in words for the model and the visitor; null when none is.
    private @Nullable String cap() {
        Budget budget = tools.budget();
        Metadata.Usage used = state.usage();
        if (verdict instanceof TurnGuard.Verdict.End(_, String text)) {
            return text;
        }
        if (state.steps() >= Math.min(setting.limits().steps(), budget.steps())) {
            return "The limit of steps for one answer is reached.";
        }
        if (timeIsUp()) {
            return "The time for one answer is over.";
        }
        if (used != null && used.out() != null && used.out() >= budget.outputTokens()) {
            return "The limit of tokens for one answer is reached.";
        }
        if (budget.money().signum() > 0 && state.spent().compareTo(budget.money()) >= 0) {
            return "The limit of cost for one answer is reached.";
        }
        return null;
    }

    /// Ends the turn at a limit: the model sums up what it has, and calls nothing any more. When it
    /// says nothing, or there is no time left to ask it, the visitor still reads why it ended.
    private void close(String why) throws ModelFailure, LinkException, InterruptedException {
        LOG.info("Run {} is ended: {}", run.runId(), why);
        out.write(new Frame.StartStep());
        StepWriter answer = writer();
        TurnState.Spent spent = TurnState.Spent.NOTHING;
        if (!timeIsUp()) {
            state =
                    state.noted(
                            why
                                    + " Do not call tools any more. Answer the visitor now with"
                                    + " what you have, and say what is missing.");
            spent = ask(answer);
        }
        if (answer.message().text().isBlank()) {
            answer.accept(new ModelEvent.Text(why + " So the answer ends here, unfinished."));
        }
        answer.finish();
        for (TurnState.OpenCall call : answer.calls()) {
            out.write(new Frame.ToolOutputError(call.wireId(), why, true));
        }
        state = state.ended(CAP, spent);
        out.write(new Frame.FinishStep());
        checkpoint();
    }

    /// Sums up older messages when they no longer fit, and says so in the stream.
    private void compact() throws ModelFailure, LinkException, InterruptedException {
        var meter = new StepMeter(setting.clock());
        Compaction.Done done = prompt.compact(meter);
        if (done != null) {
            LOG.info("Run {}: {} messages are summed up", run.runId(), done.memo().messages());
            state = state.compacted(done.memo(), meter.spent());
            trace.add(meter.span("a" + run.attempt() + "-compact", 1, Span.Kind.COMPACT));
            out.write(new Frame.RelayCompacted(new Frame.Compacted(done.memo().messages())));
        }
    }

    private TurnState.Spent ask(StepWriter answer)
            throws ModelFailure, LinkException, InterruptedException {
        var meter = new StepMeter(setting.clock());
        try (ModelStream stream = model.stream(prompt.request(state.said()))) {
            try {
                read(stream, answer, meter);
            } finally {
                ModelClient by = stream.by();
                answering = by == null ? model : by;
                String reason = answer.reason();
                meter.end(answering, reason == null ? "broken" : reason);
                int step = state.steps() + 1;
                trace.add(meter.span("a" + run.attempt() + "-s" + step, step, Span.Kind.MODEL));
            }
        }
        return meter.spent();
    }

    private Metadata metadata(@Nullable String reason, Metadata.@Nullable Usage usage) {
        ModelInfo info = answering.info();
        return new Metadata(null, info.name(), info.kind(), null, reason, usage, null);
    }

    /// One model call with the tool calls that it asks for.
    private void step() throws ModelFailure, LinkException, InterruptedException {
        out.write(new Frame.StartStep());
        StepWriter answer = writer();
        TurnState.Spent spent = ask(answer);
        answer.finish();
        if (answer.calls().isEmpty() || CAP.equals(answer.reason())) {
            state = state.ended(answer.reason(), spent);
            out.write(new Frame.FinishStep());
            checkpoint();
            return;
        }
        state = state.called(answer.message(), answer.calls(), spent);
        checkpoint();
        callTools(false);
        out.write(new Frame.FinishStep());
    }

    private StepWriter writer() {
        return new StepWriter(
                out, "a" + run.attempt() + "-s" + (state.steps() + 1), setting.json());
    }

    private void read(ModelStream stream, StepWriter answer, StepMeter meter)
            throws ModelFailure, LinkException, InterruptedException {
        while (answer.reason() == null) {
            ModelEvent event = stream.next();
            meter.saw(event);
            answer.accept(event);
            if (answer.chars() > setting.limits().answerChars() || timeIsUp()) {
                answer.accept(new ModelEvent.End(CAP));
            }
        }
    }

    /// @param resumed the calls were begun by an attempt that died: those that must not run twice
    ///   end with an unknown outcome
    private void callTools(boolean resumed) throws LinkException, InterruptedException {
        Map<String, TurnState.OpenCall> open = new LinkedHashMap<>();
        List<TurnGuard.Call> ended = new ArrayList<>();
        Set<String> changed = new HashSet<>();
        for (TurnState.OpenCall call : state.open()) {
            if (resumed && !tools.repeatable(call.call().name())) {
                tools.alreadyDone(call.call().name());
                end(
                        call,
                        new ToolRecord(
                                call.wireId(),
                                call.call().name(),
                                call.call().arguments(),
                                new ToolOutcome.Unknown(),
                                setting.clock().instant(),
                                0));
                ended.add(guarded(call.call(), false));
            } else {
                open.put(call.wireId(), call);
            }
        }
        List<ToolTurn.Call> calls =
                open.values().stream()
                        .map(c ->
                                new ToolTurn.Call(
                                        c.wireId(), c.call().name(), c.call().arguments()))
                        .toList();
        List<ToolRecord> records =
                tools.<LinkException>run(
                        calls,
                        record -> end(Objects.requireNonNull(open.get(record.callId())), record));
        for (ToolRecord record : records) {
            ToolCall call = Objects.requireNonNull(open.get(record.callId())).call();
            ended.add(guarded(call, record.outcome().ok()));
            if (record.outcome().ok()) {
                changed.add(call.name());
            }
        }
        String broken = autoFix.after(changed);
        if (broken != null) {
            state = state.noted(broken);
            checkpoint();
        }
        verdict = guard.after(ended);
        if (verdict instanceof TurnGuard.Verdict.Nudge(String text)) {
            state = state.noted(text);
            checkpoint();
        }
    }

    private void end(TurnState.OpenCall call, ToolRecord record)
            throws LinkException, InterruptedException {
        LOG.info(
                "Run {} called {}: {} in {} ms",
                run.runId(),
                record.tool(),
                record.outcome().code(),
                record.latencyMs());
        trace.add(call.wireId(), Math.max(1, state.steps()), record);
        ToolOutcome outcome = record.outcome();
        if (outcome
                instanceof ToolOutcome.Ok(Object value, List<ToolResult.Source> sources, _, _)) {
            Object shown = value == null ? "" : value;
            out.write(new Frame.ToolOutputAvailable(call.wireId(), shown, true));
            citations.cite(call.wireId(), sources);
        } else {
            out.write(new Frame.ToolOutputError(call.wireId(), outcome.reason(), true));
        }
        state = state.answered(call, outcome.forModel());
        checkpoint();
    }

    private void checkpoint() throws LinkException, InterruptedException {
        AgentSnapshot snapshot =
                state.reason() == null
                        ? null
                        : new AgentSnapshot(
                                AgentSnapshot.VERSION,
                                answering.info().name(),
                                state.steps(),
                                state.reason(),
                                state.usage(),
                                state.cost(),
                                prompt.memo());
        state = checkpoints.write(state, trace, snapshot);
    }
}
