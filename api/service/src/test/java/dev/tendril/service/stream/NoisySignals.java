package dev.tendril.service.stream;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Delivers every hint one to three times, each up to 60 ms late, in any order, and between them
/// old ones again. Replicas of one name hear each other.
final class NoisySignals implements Signals {

    private static final Map<String, Set<NoisySignals>> AIR = new ConcurrentHashMap<>();
    private static final int LATEST_MS = 60;

    private final LocalSignals ears = new LocalSignals();
    private final ScheduledExecutorService late =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("noise").factory());
    private final String name;
    private final RandomGenerator random;
    private Hint old = Hint.run(0);

    NoisySignals(String name, long seed) {
        this.name = name;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        AIR.computeIfAbsent(name, _ -> ConcurrentHashMap.newKeySet()).add(this);
    }

    @Override
    public synchronized void ring(Hint hint) {
        for (NoisySignals replica : AIR.getOrDefault(name, Set.of())) {
            int times = random.nextInt(1, 4);
            for (int i = 0; i < times; i++) {
                replica.hear(hint, random.nextInt(LATEST_MS));
            }
            if (old.topic() == hint.topic() && random.nextInt(4) == 0) {
                replica.hear(old, random.nextInt(LATEST_MS));
            }
        }
        old = hint;
    }

    private void hear(Hint hint, int afterMs) {
        try {
            var _ = late.schedule(() -> ears.ring(hint), afterMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // It left: nothing comes after its close.
        }
    }

    @Override
    public Subscription on(Topic topic, Consumer<Hint> listener) {
        return ears.on(topic, listener);
    }

    @Override
    public void close() {
        AIR.getOrDefault(name, Set.of()).remove(this);
        late.shutdownNow();
    }
}
