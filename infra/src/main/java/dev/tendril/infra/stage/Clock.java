package dev.tendril.infra.stage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The machine's clock, which all processes of a drill share.
public final class Clock {
    private Clock() {}

    /// Microseconds since 1970.
    public static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
