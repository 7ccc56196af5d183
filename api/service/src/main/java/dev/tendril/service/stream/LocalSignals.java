package dev.tendril.service.stream;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals within this process: enough for a relay that is alone, and the inner half of the others.
final class LocalSignals implements Signals {

    private static final Logger LOG = LoggerFactory.getLogger(LocalSignals.class);

    private final Map<Topic, List<Consumer<Hint>>> listeners = new EnumMap<>(Topic.class);

    LocalSignals() {
        for (Topic topic : Topic.values()) {
            listeners.put(topic, new CopyOnWriteArrayList<>());
        }
    }

    @Override
    public void ring(Hint hint) {
        for (Consumer<Hint> listener : of(hint.topic())) {
            try {
                listener.accept(hint);
            } catch (RuntimeException e) {
                LOG.error("A listener on {} failed", hint.topic(), e);
            }
        }
    }

    @Override
    public Subscription on(Topic topic, Consumer<Hint> listener) {
        of(topic).add(listener);
        return () -> of(topic).remove(listener);
    }

    private List<Consumer<Hint>> of(Topic topic) {
        return listeners.getOrDefault(topic, List.of());
    }
}
