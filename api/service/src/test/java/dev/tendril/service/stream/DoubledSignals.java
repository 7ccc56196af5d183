package dev.tendril.service.stream;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;

/// Signals that misbehave, for an application under test: `tendril.doubled-signals` is `deaf` or
/// `noisy`.
@Factory
@Requires(property = "tendril.doubled-signals")
final class DoubledSignals {

    private static final long SEED = Long.getLong("tendril.seed", 13);

    @Singleton
    @Bean(preDestroy = "close")
    @Replaces(bean = Signals.class, factory = SignalsFactory.class)
    Signals signals(
            @Value("${tendril.doubled-signals}") String kind,
            @Value("${datasources.default.url}") String database) {
        return kind.equals("deaf") ? new DeafSignals() : new NoisySignals(database, SEED);
    }
}
