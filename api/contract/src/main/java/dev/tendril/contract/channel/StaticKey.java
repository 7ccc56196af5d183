package dev.tendril.contract.channel;

import java.security.SecureRandom;
import java.util.Arrays;

/// The long-lived X25519 key pair of a worker or a device. Its private half never leaves its owner.
public final class StaticKey implements AutoCloseable {

    /// Length of a private and of a public key in bytes.
    public static final int BYTES = X25519.BYTES;

    private final byte[] privateKey;
    private final byte[] publicKey;

    private StaticKey(byte[] privateKey) {
        this.privateKey = privateKey;
        this.publicKey = X25519.publicKey(privateKey);
    }

    /// A new random key pair.
    public static StaticKey generate() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new StaticKey(bytes);
    }

    /// The key pair with this private key. Takes its own copy.
    ///
    /// @throws IllegalArgumentException unless there are 32 bytes
    public static StaticKey of(byte[] privateKey) {
        if (privateKey.length != BYTES) {
            throw new IllegalArgumentException("a private key has 32 bytes");
        }
        return new StaticKey(privateKey.clone());
    }

    /// The public half, a copy.
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /// The private half, a copy, for the owner's 0600 file alone.
    public byte[] exportPrivate() {
        return privateKey.clone();
    }

    byte[] agree(byte[] theirs) throws Violation {
        return X25519.agree(privateKey, theirs);
    }

    /// Zeroes the private half; the key is unusable afterwards.
    @Override
    public void close() {
        Arrays.fill(privateKey, (byte) 0);
    }

    /// Never the private half.
    @Override
    public String toString() {
        return "StaticKey[" + Fingerprint.ofKey(publicKey) + "]";
    }
}
