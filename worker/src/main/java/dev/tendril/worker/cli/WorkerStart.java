package dev.tendril.worker.cli;

/// Runs a worker.
public interface WorkerStart {
    /// Runs until the worker has drained.
    ///
    /// @return exit value
    /// @throws CannotStart with a sentence for people
    int run(Settings settings) throws CannotStart;
}
