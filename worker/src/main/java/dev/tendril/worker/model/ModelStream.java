package dev.tendril.worker.model;

import org.jspecify.annotations.Nullable;

/// One answer in the making.
public interface ModelStream extends AutoCloseable {
    /// The next event; blocks. After [ModelEvent.End] it must not be called again.
    ///
    /// @throws ModelFailure when the answer cannot be continued
    /// @throws InterruptedException when the reading thread was interrupted
    ModelEvent next() throws ModelFailure, InterruptedException;

    /// Who answers, when that is not simply the client that began the stream; may change until the
    /// first event.
    default @Nullable ModelClient by() {
        return null;
    }

    /// Ends it, in any state and from any thread; a blocked [#next] throws [ModelFault#ABORTED].
    /// Closes the connection upstream unless the answer was complete.
    @Override
    void close();
}
