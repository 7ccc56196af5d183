package dev.tendril.worker.content;

import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelFault;
import dev.tendril.worker.model.ModelStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A text that is known beforehand, given word by word.
final class PacedStream implements ModelStream {
    private static final Pattern WORD = Pattern.compile("\\s*\\S+\\s*");

    private final ArrayDeque<ModelEvent> events = new ArrayDeque<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final long paceNanos;
    private long dueNanos = System.nanoTime();

    PacedStream(String text, List<ModelEvent.Source> sources, int wordsPerSecond) {
        this.paceNanos = TimeUnit.SECONDS.toNanos(1) / wordsPerSecond;
        WORD.matcher(text).results().forEach(word -> events.add(new ModelEvent.Text(word.group())));
        events.addAll(sources);
        events.add(new ModelEvent.End("stop"));
    }

    @Override
    public ModelEvent next() throws ModelFailure, InterruptedException {
        long waitNanos = Math.max(0, dueNanos - System.nanoTime());
        if (closed.await(waitNanos, TimeUnit.NANOSECONDS)) {
            throw new ModelFailure(ModelFault.ABORTED, "the guide was stopped");
        }
        ModelEvent event = events.remove();
        if (event instanceof ModelEvent.Text) {
            dueNanos = Math.max(dueNanos + paceNanos, System.nanoTime());
        }
        return event;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
