package dev.tendril.contract.channel;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;

/// The worker's memory of one pairing link: open for 10 minutes and one use. Thread-safe.
///
/// A handshake alone does not use the link up, or the relay could spoil it with a forged one; the
/// first `PairRequest` on a confirmed channel does, whatever the owner then decides.
public final class PairingWindow {

    /// How long a link is good.
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    private final PairingLink link;
    private final InstantSource clock;
    private final Instant ends;
    private final AtomicBoolean used = new AtomicBoolean();

    /// Opens the window now.
    public PairingWindow(PairingLink link, InstantSource clock) {
        this.link = link;
        this.clock = clock;
        this.ends = clock.instant().plus(LIFETIME);
    }

    /// The link to show.
    public PairingLink link() {
        return link;
    }

    /// Whether a handshake for this device identifier may be answered with the link's PSK.
    public boolean admits(String device) {
        return !used.get() && clock.instant().isBefore(ends) && device.equals(device());
    }

    /// Uses the link up.
    ///
    /// @return true for the first call in time, false for every other
    public boolean use() {
        return clock.instant().isBefore(ends) && used.compareAndSet(false, true);
    }

    /// Closes the window early.
    public void close() {
        used.set(true);
    }

    private String device() {
        return link.address().device();
    }
}
