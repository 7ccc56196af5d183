package dev.tendril.service.database;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work on a timer that survives the database: the log hears once that it fails, and once that it
/// works again, whatever the number of turns in between.
public final class Repeated {

    private static final Logger LOG = LoggerFactory.getLogger(Repeated.class);

    private final String what;
    private boolean failing;

    /// @param what for the log, such as `reaping`
    public Repeated(String what) {
        this.what = what;
    }

    /// One turn; never throws.
    public synchronized void run(Runnable work) {
        try {
            work.run();
            if (failing) {
                LOG.info("{} works again", what);
            }
            failing = false;
        } catch (RuntimeException e) {
            if (failing) {
                LOG.debug("{} still fails", what, e);
            } else {
                LOG.warn("{} failed and is repeated until it works", what, e);
            }
            failing = true;
        }
    }
}
