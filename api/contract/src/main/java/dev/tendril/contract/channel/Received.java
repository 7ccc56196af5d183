package dev.tendril.contract.channel;

import java.util.List;

/// What a packet meant. The replies go out in order, before anything else.
public sealed interface Received {

    /// Packets to send now, possibly none.
    List<byte[]> replies();

    /// The next frame of a stream, of its credit or of pairing. Pings and rekeys were already dealt
    /// with and come as [Nothing], like data that crossed a close.
    record Delivered(ChannelFrame frame, List<byte[]> replies) implements Received {}

    /// Nothing for the caller.
    record Nothing(List<byte[]> replies) implements Received {}

    /// The channel is over, now or since before. The reply, if any, tells the peer why.
    ///
    /// @param byPeer whether the peer said so in a `Close`
    record Closed(CloseReason reason, boolean byPeer, List<byte[]> replies) implements Received {}
}
