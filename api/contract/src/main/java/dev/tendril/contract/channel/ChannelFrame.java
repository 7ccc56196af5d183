package dev.tendril.contract.channel;

import java.util.Set;

/// What one record carries. Closed: a type that is not here ends the channel with `unknown_type`.
///
/// Byte arrays are not copied: whoever hands one over does not change it afterwards.
public sealed interface ChannelFrame {

    /// Opens a stream. Identifiers rise and are never used twice; odd ones belong to the device,
    /// even ones to the worker.
    ///
    /// @param stream 1 to 2^31-1
    /// @param opening what the kind needs to begin, at most 1,024 bytes
    record OpenStream(int stream, StreamKind kind, byte[] opening) implements ChannelFrame {}

    /// Ends a stream in both directions. The other side answers with the same frame; data that
    /// crosses it is dropped by the receiver.
    record CloseStream(int stream, StreamEnd end) implements ChannelFrame {}

    /// Bytes of a stream. Costs as many bytes of credit as it has.
    ///
    /// @param more the message goes on in the stream's next data
    /// @param bytes 1 to 61,440 bytes
    record Data(int stream, boolean more, byte[] bytes) implements ChannelFrame {}

    /// Raises what the other side may send.
    ///
    /// @param total bytes since the stream was opened, cumulative: a repeat changes nothing
    record Credit(int stream, long total) implements ChannelFrame {}

    /// Asks for the transcript.
    ///
    /// @param id rises by one from 1, at most 2^53-1
    record Ping(long id) implements ChannelFrame {}

    /// Answers a ping.
    ///
    /// @param chain the answering side's transcript of everything it received up to the ping and
    ///   with it, 32 bytes
    record Pong(long id, byte[] chain) implements ChannelFrame {}

    /// The sender's last record under its current key.
    ///
    /// @param epoch the key generation that follows, one more than the current
    record Rekey(int epoch) implements ChannelFrame {}

    /// Pairing, step 1: the device asks to be enrolled.
    ///
    /// @param label how the device calls itself, 1 to 64 characters without control characters
    record PairRequest(String label) implements ChannelFrame {}

    /// Pairing, step 2: the owner compared the digits and agreed.
    ///
    /// @param psk the device's own, for all later handshakes, 32 random bytes
    record PairGrant(byte[] psk, Set<Scope> scopes) implements ChannelFrame {
        /// Copies the set; the order of scopes does not matter.
        public PairGrant {
            scopes = Set.copyOf(scopes);
        }
    }

    /// Pairing, step 3: the device has stored its PSK; the worker may enrol it.
    record PairDone() implements ChannelFrame {}

    /// The sender's last record of all.
    record Close(CloseReason reason) implements ChannelFrame {}
}
