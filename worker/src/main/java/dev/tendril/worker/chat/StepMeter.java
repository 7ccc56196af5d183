package dev.tendril.worker.chat;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.trace.Span;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Measures one model call: when its first word came, how long it took, what it cost.
final class StepMeter {
    private final Instant startedAt;
    private final long startNanos = System.nanoTime();
    private @Nullable Long firstMs;
    private long ms;
    private Metadata.@Nullable Usage usage;
    private String outcome = "broken";
    private @Nullable ModelClient by;

    StepMeter(InstantSource clock) {
        this.startedAt = clock.instant();
    }

    void saw(ModelEvent event) {
        if (event instanceof ModelEvent.Usage(Metadata.Usage tokens)) {
            usage = tokens;
        } else if (firstMs == null && !(event instanceof ModelEvent.End)) {
            firstMs = sinceStart();
        }
    }

    /// @param model who answered
    /// @param last the last event; not an [ModelEvent.End] when this worker broke the answer off
    void end(ModelClient model, @Nullable ModelEvent last) {
        end(model, last instanceof ModelEvent.End(String reason) ? reason : "broken");
    }

    /// @param reason why it ended
    void end(ModelClient model, String reason) {
        by = model;
        ms = sinceStart();
        outcome = reason;
    }

    private long sinceStart() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    /// What it took, by the price of whoever answered.
    TurnState.Spent spent() {
        ModelClient model = by;
        return model == null
                ? TurnState.Spent.NOTHING
                : new TurnState.Spent(usage, model.traits().price().of(usage));
    }

    Span span(String id, int step, Span.Kind kind) {
        ModelClient model = by;
        var cost = spent().cost();
        return new Span(
                id,
                step,
                kind,
                Trace.name(model == null ? "none" : model.info().name()),
                new Span.Time(startedAt, ms, firstMs),
                outcome,
                new Span.Spent(usage, cost.signum() == 0 ? null : cost),
                null);
    }
}
