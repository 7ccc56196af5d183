package dev.tendril.worker.attach;

import java.util.function.Consumer;

/// How a device reaches a worker.
public interface Dialer {

    /// Dials.
    ///
    /// @param received gets each packet, in order
    /// @param gone told once, with a sentence for people or an empty one, when the connection ends
    Wire dial(Consumer<byte[]> received, Consumer<String> gone)
            throws CannotConnect, InterruptedException;

    /// A connection.
    interface Wire {
        /// Sends a packet; does nothing once the connection is over.
        void send(byte[] packet) throws InterruptedException;

        /// Ends it, after what was sent.
        void close() throws InterruptedException;
    }
}
