package dev.tendril.contract.channel;

import java.util.Arrays;

/// A running hash over the records of one direction: equal on both sides exactly when the receiver
/// accepted the very records that were sent, all of them, in that order.
///
/// Header and tag of each record go in. The tag stands for the ciphertext: nobody without the key
/// can make another one fit.
final class Transcript {

    private byte[] chain;

    Transcript(byte[] handshakeHash, Side sender) {
        chain =
                Hashes.labelled(
                        "tendril channel chain", new byte[] {(byte) sender.code()}, handshakeHash);
    }

    void add(byte[] packet) {
        chain =
                Hashes.sha256(
                        chain,
                        Arrays.copyOf(packet, Packets.HEADER_BYTES),
                        Arrays.copyOfRange(
                                packet, packet.length - CipherState.TAG_BYTES, packet.length));
    }

    byte[] value() {
        return chain.clone();
    }
}
