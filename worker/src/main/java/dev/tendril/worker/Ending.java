package dev.tendril.worker;

import dev.tendril.worker.cli.Exit;
import dev.tendril.worker.run.ClaimLoop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends a worker gracefully, whoever asks: a signal, or the parent's end.
final class Ending {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private final ClaimLoop loop;
    private final Duration patience;
    private volatile boolean over;

    Ending(ClaimLoop loop, Duration patience) {
        this.loop = loop;
        this.patience = patience;
    }

    /// Drains when the process is told to end.
    void onShutdown() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::drain, "drain"));
    }

    /// The loop has ended by itself: there is nothing to drain.
    void over() {
        over = true;
    }

    /// Ends the process.
    void exit() {
        LOG.info("The parent process is gone");
        System.exit(Exit.OK);
    }

    private void drain() {
        if (over) {
            return;
        }
        LOG.info("Stopping: no new work, running answers get {} s", patience.toSeconds());
        try {
            loop.drain(patience);
            LOG.info("Stopped");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
