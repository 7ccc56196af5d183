package dev.tendril.relay.stream;

import dev.tendril.service.stream.Hint;
import dev.tendril.service.stream.Signals;
import dev.tendril.service.stream.Topic;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// Loses a third of all hints and repeats another, with `test.signals=lossy`.
@Singleton
@Replaces(Signals.class)
@Requires(property = "test.signals", value = "lossy")
final class LossySignals implements Signals {

    private final Map<Topic, List<Consumer<Hint>>> listeners = new EnumMap<>(Topic.class);

    LossySignals() {
        for (Topic topic : Topic.values()) {
            listeners.put(topic, new CopyOnWriteArrayList<>());
        }
    }

    @Override
    public void ring(Hint hint) {
        int times = ThreadLocalRandom.current().nextInt(3);
        for (int i = 0; i < times; i++) {
            listeners.getOrDefault(hint.topic(), List.of()).forEach(heard -> heard.accept(hint));
        }
    }

    @Override
    public Subscription on(Topic topic, Consumer<Hint> listener) {
        List<Consumer<Hint>> of = listeners.getOrDefault(topic, List.of());
        of.add(listener);
        return () -> of.remove(listener);
    }
}
