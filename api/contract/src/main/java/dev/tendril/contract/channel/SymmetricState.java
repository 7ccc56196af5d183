package dev.tendril.contract.channel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Noise's SymmetricState (section 5.2): chaining key, handshake hash and the handshake's cipher.
final class SymmetricState implements AutoCloseable {

    private byte[] chainingKey;
    private byte[] hash;
    private @Nullable CipherState cipher;
    private long counter;

    /// @param protocolName exactly 32 ASCII characters, so that it is the first hash itself
    SymmetricState(String protocolName) {
        hash = protocolName.getBytes(StandardCharsets.US_ASCII);
        if (hash.length != Hashes.BYTES) {
            throw new IllegalArgumentException("protocol name of another length");
        }
        chainingKey = hash.clone();
    }

    void mixHash(byte[] data) {
        hash = Hashes.sha256(hash, data);
    }

    /// Consumes and zeroes `input`.
    void mixKey(byte[] input) {
        byte[][] keys = Hashes.hkdf(chainingKey, input, new byte[0], 2);
        chain(keys[0]);
        rekey(keys[1]);
        Arrays.fill(input, (byte) 0);
    }

    void mixKeyAndHash(byte[] psk) {
        byte[][] keys = Hashes.hkdf(chainingKey, psk, new byte[0], 3);
        chain(keys[0]);
        mixHash(keys[1]);
        rekey(keys[2]);
    }

    byte[] encryptAndHash(byte[] plaintext) {
        byte[] sealed =
                cipher == null ? plaintext.clone() : cipher.encrypt(counter++, hash, plaintext);
        mixHash(sealed);
        return sealed;
    }

    byte[] decryptAndHash(byte[] sealed) throws Violation {
        byte[] plaintext =
                cipher == null
                        ? sealed.clone()
                        : cipher.decrypt(counter++, hash, sealed, 0, sealed.length);
        mixHash(sealed);
        return plaintext;
    }

    /// The two transport ciphers: the initiator's first, then the responder's.
    CipherState[] split() {
        byte[][] keys = Hashes.hkdf(chainingKey, new byte[0], new byte[0], 2);
        CipherState[] pair = {new CipherState(keys[0]), new CipherState(keys[1])};
        Arrays.fill(keys[0], (byte) 0);
        Arrays.fill(keys[1], (byte) 0);
        return pair;
    }

    byte[] hash() {
        return hash.clone();
    }

    @Override
    public void close() {
        Arrays.fill(chainingKey, (byte) 0);
        if (cipher != null) {
            cipher.close();
        }
    }

    private void chain(byte[] next) {
        Arrays.fill(chainingKey, (byte) 0);
        chainingKey = next;
    }

    private void rekey(byte[] next) {
        if (cipher != null) {
            cipher.close();
        }
        cipher = new CipherState(next);
        counter = 0;
        Arrays.fill(next, (byte) 0);
    }
}
