package dev.tendril.service.auth;

import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// The one place that reads the process's clock. Rows take their times from the database's.
@Factory
final class SystemClock {

    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }
}
