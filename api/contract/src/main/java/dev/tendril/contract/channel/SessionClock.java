package dev.tendril.contract.channel;

import java.time.InstantSource;

/// Milliseconds since this side finished the handshake. Never runs backwards.
///
/// Records expire by this time and not by the wall clock, so that a device with a wrong clock works
/// too. Both zeros lie at most one handshake timeout apart.
final class SessionClock {

    private final InstantSource source;
    private final long start;
    private long last;

    SessionClock(InstantSource source) {
        this.source = source;
        this.start = source.millis();
    }

    long millis() {
        last = Math.max(last, source.millis() - start);
        return last;
    }
}
