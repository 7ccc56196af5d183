package dev.tendril.service.stream;

class DeafSignalsTest extends SignalsConformance {

    @Override
    Signals replica() {
        return new DeafSignals();
    }

    @Override
    boolean crosses() {
        return false;
    }

    @Override
    Fidelity fidelity() {
        return Fidelity.DEAF;
    }
}
