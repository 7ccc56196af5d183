package dev.tendril.service.health;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way out: once it has begun, readiness is 503 and whatever holds a caller on the line ends
/// it, so that the caller comes back elsewhere. There is no way back.
@Singleton
public final class Drain {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final List<Runnable> endings = new CopyOnWriteArrayList<>();
    private volatile boolean begun;

    /// Whether the process is leaving. Long polls look at it before they wait again.
    public boolean begun() {
        return begun;
    }

    /// Registers what ends long answers when the process leaves; it must not block.
    ///
    /// @return removes it again
    public Runnable onBegin(Runnable ending) {
        endings.add(ending);
        if (begun) {
            ending.run();
        }
        return () -> endings.remove(ending);
    }

    /// Begins to leave. Idempotent.
    public void begin() {
        if (begun) {
            return;
        }
        begun = true;
        for (Runnable ending : endings) {
            try {
                ending.run();
            } catch (RuntimeException e) {
                LOG.warn("an answer could not be ended", e);
            }
        }
    }
}
