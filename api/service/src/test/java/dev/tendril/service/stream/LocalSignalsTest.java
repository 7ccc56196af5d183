package dev.tendril.service.stream;

class LocalSignalsTest extends SignalsConformance {

    @Override
    Signals replica() {
        return new LocalSignals();
    }

    @Override
    boolean crosses() {
        return false;
    }
}
