package dev.tendril.worker.link;

/// Who takes the connections of devices that come over a link.
public interface Devices {

    /// The link stands, as this worker. Called before the first device of each link.
    ///
    /// @param workspace slug
    /// @param worker the worker's identifier at the relay
    void linked(String workspace, String worker);

    /// A device came, or somebody who says so. Returns at once.
    Device opened(Line line);

    /// What the worker does with one connection. Called by one thread at a time; returns at once.
    interface Device {
        /// A packet, from the device or made by the relay.
        void packet(byte[] packet);

        /// The connection is gone, or the whole link.
        void gone();
    }

    /// One connection, seen from the worker.
    interface Line {
        /// Sends a packet. Waits while too much is waiting already; does nothing when the
        /// connection is gone.
        void send(byte[] packet) throws InterruptedException;

        /// Ends the connection.
        void close();
    }
}
