package dev.tendril.worker.run;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.LinkException;

/// What is done with a claimed run.
public interface RunWork {
    /// Executes the run up to `complete` or `fail`. Interrupted when the lease is lost or the
    /// worker stops; must then return or throw soon, with every connection closed.
    ///
    /// @throws LinkException when the run can no longer be written to
    /// @throws InterruptedException when interrupted
    void execute(ClaimedRun run, FrameWriter out) throws LinkException, InterruptedException;
}
