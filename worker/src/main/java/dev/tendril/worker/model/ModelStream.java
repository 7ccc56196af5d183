package dev.tendril.worker.model;

/// One answer in the making.
public interface ModelStream extends AutoCloseable {
    /// The next event; blocks. After [ModelEvent.End] it must not be called again.
    ///
    /// @throws ModelFailure when the answer cannot be continued
    /// @throws InterruptedException when the reading thread was interrupted
    ModelEvent next() throws ModelFailure, InterruptedException;

    /// Ends it, in any state and from any thread; a blocked [#next] throws [ModelFault#ABORTED].
    /// Closes the connection upstream unless the answer was complete.
    @Override
    void close();
}
