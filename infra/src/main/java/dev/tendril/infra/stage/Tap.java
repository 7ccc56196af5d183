package dev.tendril.infra.stage;

/// Sees the bytes of a [CutProxy] before they are passed on. Must not block.
public interface Tap {
    /// Sees nothing.
    Tap NONE = () -> new Wire() {};

    /// For a new connection.
    Wire open();

    /// One connection; each direction is told by a thread of its own.
    interface Wire {
        /// The first `length` of `bytes` come from the client.
        default void fromClient(byte[] bytes, int length) {}

        /// The first `length` of `bytes` come from the server.
        default void fromServer(byte[] bytes, int length) {}
    }
}
