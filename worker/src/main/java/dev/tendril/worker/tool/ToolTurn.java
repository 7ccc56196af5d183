package dev.tendril.worker.tool;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.policy.Budget;
import dev.tendril.worker.policy.Decision;
import dev.tendril.worker.policy.Effect;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tool calls of one turn. Used by one thread; what it starts has ended, or was interrupted and
/// given a second, when [#run] returns.
///
/// Calls of one step run in parallel, eight at a time; those that write run one after the other in
/// the order that the model gave them. The turn remembers what it has seen: after a tool brought
/// text from another host, tools that write are refused (`taint.writes`), and after that and a look
/// into a person's memory, tools that send are refused too (`taint.egress`). So a page that was
/// fetched can never make a turn change something or carry something away.
public final class ToolTurn {
    private static final Logger LOG = LoggerFactory.getLogger(ToolTurn.class);
    private static final int PARALLEL = 8;
    private static final int MAX_RESULT_CHARS = 32_000;
    private static final int MAX_ARGUMENT_CHARS = 128 * 1024;
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final ToolBox box;
    private final ToolContext context;
    private final InstantSource clock;
    private final Semaphore parallel = new Semaphore(PARALLEL);
    private final Set<Thread> supervisors = ConcurrentHashMap.newKeySet();
    private int callsLeft;
    private boolean sawOutside;
    private boolean sawPersonal;

    /// A call as the model asked for it.
    ///
    /// @param id the model's own id
    /// @param name a tool's name, perhaps
    /// @param arguments JSON text, perhaps
    public record Call(String id, String name, String arguments) {}

    /// Takes each call's end, on the thread that called [ToolTurn#run].
    ///
    /// @param <X> what it throws; ends the step
    @FunctionalInterface
    public interface Ended<X extends Exception> {
        /// @param record of a call that has just ended
        void ended(ToolRecord record) throws X, InterruptedException;
    }

    /// @param box the role's tools
    /// @param context on whose behalf
    /// @param clock for records
    public ToolTurn(ToolBox box, ToolContext context, InstantSource clock) {
        if (box.role() != context.role()) {
            throw new IllegalArgumentException("the tools are another role's");
        }
        this.box = box;
        this.context = context;
        this.clock = clock;
        this.callsLeft = budget().calls();
        for (ChatMessage message : context.history()) {
            for (Part part : message.parts()) {
                if (part instanceof Part.Tool tool) {
                    see(tool.toolName());
                }
            }
        }
    }

    /// What the model is told of.
    public List<ToolCard> cards() {
        return box.cards();
    }

    /// The role's budget.
    public Budget budget() {
        return box.policy().of(box.role()).budget();
    }

    /// Counts a call that an earlier attempt of this turn has finished.
    public void alreadyDone(String tool) {
        callsLeft--;
        see(tool);
    }

    /// Whether a call whose end nobody knows may be made again.
    public boolean repeatable(String tool) {
        ToolBox.Slot slot = box.find(tool);
        return slot == null || slot.tool().card().idempotent();
    }

    private void see(String tool) {
        ToolBox.Slot slot = box.find(tool);
        if (slot != null) {
            sawOutside |= slot.tool().card().effects().contains(Effect.EGRESS);
            sawPersonal |= slot.tool().card().effects().contains(Effect.PERSONAL);
        }
    }

    /// Executes the calls of one step.
    ///
    /// @param ended gets each record as soon as its call has ended
    /// @return the records in the order of the calls
    /// @throws InterruptedException when the turn is stopped; nothing of it runs on
    public <X extends Exception> List<ToolRecord> run(List<Call> calls, Ended<X> ended)
            throws X, InterruptedException {
        LinkedBlockingQueue<Finished> finished = new LinkedBlockingQueue<>();
        List<Runnable> writers = new ArrayList<>();
        ToolRecord[] records = new ToolRecord[calls.size()];
        try {
            for (int i = 0; i < calls.size(); i++) {
                int index = i;
                Instant at = clock.instant();
                Checked checked = check(calls.get(i));
                Runnable work =
                        () ->
                                finished.add(
                                        new Finished(
                                                index, execute(calls.get(index), at, checked)));
                if (writes(checked)) {
                    writers.add(work);
                } else {
                    start(work);
                }
            }
            start(() -> writers.forEach(Runnable::run));
            for (int i = 0; i < records.length; i++) {
                Finished one = finished.take();
                records[one.index()] = one.record();
                if (one.record().outcome().ok()) {
                    see(calls.get(one.index()).name());
                }
                ended.ended(one.record());
            }
        } finally {
            stop();
        }
        return Arrays.asList(records);
    }

    /// Why a call would be refused before anything runs; null when it would run. Counts nothing.
    public @Nullable ToolOutcome refusal(Call call) {
        int left = callsLeft;
        Checked checked = check(call);
        callsLeft = left;
        return checked instanceof Checked.Unfit(ToolOutcome outcome) ? outcome : null;
    }

    private record Finished(int index, ToolRecord record) {}

    /// A call that may run, or why not.
    private sealed interface Checked {
        record Fit(ToolBox.Slot slot, ToolInput input) implements Checked {}

        record Unfit(ToolOutcome outcome) implements Checked {}
    }

    private static boolean writes(Checked checked) {
        return checked instanceof Checked.Fit(ToolBox.Slot slot, _)
                && slot.tool().card().effects().contains(Effect.WRITES);
    }

    private Checked check(Call call) {
        ToolBox.Slot slot = box.find(call.name());
        if (slot == null) {
            return unfit(
                    new ToolOutcome.UnknownTool(short64(call.name()), box.nearest(call.name())));
        }
        if (callsLeft-- <= 0) {
            return unfit(
                    new ToolOutcome.Denied(
                            box.role().key() + ".budget.calls",
                            "this turn has used all its tool calls"));
        }
        if (call.arguments().length() > MAX_ARGUMENT_CHARS) {
            return unfit(new ToolOutcome.BadArguments("they are over 128 KiB"));
        }
        try {
            String text = call.arguments().isBlank() ? "{}" : call.arguments();
            Map<String, @Nullable Object> arguments = Json.readObject(text);
            String complaint = slot.check().complaint(arguments);
            if (complaint != null) {
                return unfit(new ToolOutcome.BadArguments(complaint));
            }
            ToolInput input = new ToolInput(arguments);
            return decide(slot, input);
        } catch (BadJson e) {
            return unfit(new ToolOutcome.BadArguments(Objects.requireNonNull(e.getMessage())));
        } catch (ToolException e) {
            return unfit(outcome(e));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.warn("Checking a call of {} failed", slot.tool().card().name(), e);
            return unfit(new ToolOutcome.Threw());
        }
    }

    private Checked decide(ToolBox.Slot slot, ToolInput input) throws ToolException {
        ToolCard card = slot.tool().card();
        Decision decision =
                box.policy()
                        .decide(context.role(), card.name(), slot.tool().targets(input, context));
        if (decision instanceof Decision.Denied(String rule, String reason)) {
            return unfit(new ToolOutcome.Denied(rule, reason));
        }
        if (sawOutside && card.effects().contains(Effect.WRITES)) {
            return unfit(
                    new ToolOutcome.Denied(
                            "taint.writes",
                            "this chat has read pages from outside, so nothing may be changed"));
        }
        if (sawOutside && sawPersonal && card.effects().contains(Effect.EGRESS)) {
            return unfit(
                    new ToolOutcome.Denied(
                            "taint.egress",
                            "this chat has read pages from outside and personal notes, so nothing"
                                    + " more may be sent out"));
        }
        return new Checked.Fit(slot, input);
    }

    private static Checked unfit(ToolOutcome outcome) {
        return new Checked.Unfit(outcome);
    }

    private static String short64(String name) {
        String clean = PlainText.clean(name);
        return clean.length() > 64 ? clean.substring(0, 64) : clean;
    }

    private ToolRecord execute(Call call, Instant at, Checked checked) {
        long start = System.nanoTime();
        ToolOutcome outcome =
                switch (checked) {
                    case Checked.Unfit(ToolOutcome refused) -> refused;
                    case Checked.Fit(ToolBox.Slot slot, ToolInput input) -> supervise(slot, input);
                };
        if (outcome instanceof ToolOutcome.Denied(String rule, _)) {
            LOG.warn("Denied a call of {} by rule {}", short64(call.name()), rule);
        }
        long latencyMs = (System.nanoTime() - start) / 1_000_000;
        return new ToolRecord(call.id(), call.name(), call.arguments(), outcome, at, latencyMs);
    }

    /// Runs the tool on a thread of its own and does not wait for it longer than its time.
    private ToolOutcome supervise(ToolBox.Slot slot, ToolInput input) {
        ToolCard card = slot.tool().card();
        boolean mine = false;
        try {
            mine = parallel.tryAcquire(card.timeout().toMillis(), TimeUnit.MILLISECONDS);
            if (!mine
                    || !slot.places()
                            .tryAcquire(card.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                return new ToolOutcome.Failed(
                        "The tool is busy. Try again later or do without it.");
            }
            AtomicReference<ToolOutcome> result = new AtomicReference<>(new ToolOutcome.Threw());
            Thread worker =
                    Thread.ofVirtual()
                            .name("tool-" + card.name())
                            .unstarted(() -> {
                                try {
                                    result.set(call(slot.tool(), input));
                                } finally {
                                    slot.places().release();
                                }
                            });
            worker.start();
            return await(worker, card, result);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ToolOutcome.Stopped();
        } finally {
            if (mine) {
                parallel.release();
            }
        }
    }

    private static ToolOutcome await(
            Thread worker, ToolCard card, AtomicReference<ToolOutcome> result)
            throws InterruptedException {
        try {
            if (worker.join(card.timeout())) {
                return result.get();
            }
        } catch (InterruptedException e) {
            worker.interrupt();
            joinUninterrupted(worker);
            throw e;
        }
        worker.interrupt();
        if (!worker.join(GRACE)) {
            LOG.error("The tool {} goes on although it was interrupted", card.name());
        }
        return new ToolOutcome.TimedOut(card.timeout());
    }

    private static void joinUninterrupted(Thread worker) {
        try {
            worker.join(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ToolOutcome call(Tool tool, ToolInput input) {
        ToolCard card = tool.card();
        try {
            String veto = box.hooks().before(card.name(), input, context);
            if (veto != null) {
                return new ToolOutcome.Denied("hooks.pre_tool", PlainText.clean(veto));
            }
            ToolOutcome outcome = run(tool, input);
            String withheld = box.hooks().after(card.name(), input, context, outcome);
            return withheld == null
                    ? outcome
                    : new ToolOutcome.Denied("hooks.post_tool", PlainText.clean(withheld));
        } catch (InterruptedException e) {
            return new ToolOutcome.Stopped();
        }
    }

    private ToolOutcome run(Tool tool, ToolInput input) {
        ToolCard card = tool.card();
        try {
            ToolResult result = tool.run(input, context);
            Object clean = PlainText.clean(result.value());
            Object capped = PlainText.cap(clean, MAX_RESULT_CHARS);
            return new ToolOutcome.Ok(capped, result.sources(), capped != clean, card.outside());
        } catch (ToolException e) {
            return outcome(e);
        } catch (InterruptedException e) {
            return new ToolOutcome.Stopped();
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            LOG.warn("The tool {} failed", card.name(), e);
            return new ToolOutcome.Threw();
        }
    }

    private static ToolOutcome outcome(ToolException e) {
        String reason =
                PlainText.headAndTail(PlainText.clean(String.valueOf(e.getMessage())), 2_000);
        return e instanceof ToolDenied denied
                ? new ToolOutcome.Denied(denied.rule(), reason)
                : new ToolOutcome.Failed(reason);
    }

    private void start(Runnable work) {
        Thread supervisor =
                Thread.ofVirtual()
                        .name("tool-supervisor")
                        .unstarted(() -> {
                            try {
                                work.run();
                            } finally {
                                supervisors.remove(Thread.currentThread());
                            }
                        });
        supervisors.add(supervisor);
        supervisor.start();
    }

    /// Ends whatever still runs; waits a little for it.
    private void stop() {
        List<Thread> running = List.copyOf(supervisors);
        running.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + GRACE.multipliedBy(2).toNanos();
        boolean interrupted = Thread.interrupted();
        for (Thread thread : running) {
            long left = Math.max(1, deadline - System.nanoTime());
            try {
                thread.join(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
