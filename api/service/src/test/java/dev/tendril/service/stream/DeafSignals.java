package dev.tendril.service.stream;

import java.util.function.Consumer;

/// Loses every hint, also here: what is left is the look that everybody takes by themselves.
final class DeafSignals implements Signals {

    @Override
    public void ring(Hint hint) {}

    @Override
    public Subscription on(Topic topic, Consumer<Hint> listener) {
        return () -> {};
    }
}
