package dev.tendril.service.stream;

import java.util.UUID;

class NoisySignalsTest extends SignalsConformance {

    private final String name = UUID.randomUUID().toString();

    @Override
    Signals replica() {
        return new NoisySignals(name, 7);
    }

    @Override
    boolean crosses() {
        return true;
    }

    @Override
    Fidelity fidelity() {
        return Fidelity.NOISY;
    }
}
