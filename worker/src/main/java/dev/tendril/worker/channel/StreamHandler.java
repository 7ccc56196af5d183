package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Scope;

/// What a stream of one kind does on the worker.
public interface StreamHandler {

    /// What the device must be allowed to.
    Scope needed();

    /// A device opened a stream. Returns at once.
    ///
    /// @param device whose label and scopes are the worker's own record
    /// @param opening what the device said with it, at most 1,024 bytes
    /// @return takes the messages, in order
    ChannelStream.Reader open(ChannelStream stream, EnrolledDevice device, byte[] opening);
}
