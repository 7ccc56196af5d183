package dev.tendril.contract.channel;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// AES-256-GCM under one key, as Noise's section 12.4 has it: the nonce is four zero bytes and the
/// 64-bit counter, big-endian. The counter is the caller's, since the record layer carries it
/// openly; whoever calls must never encrypt twice with one counter.
final class CipherState implements AutoCloseable {

    static final int TAG_BYTES = 16;

    /// Noise reserves 2^64-1 for rekeying.
    private static final long REKEY_NONCE = -1L;

    private static final byte[] NOTHING = new byte[0];

    private final byte[] key;

    /// Takes its own copy of the key.
    CipherState(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("a key has 32 bytes");
        }
        this.key = key.clone();
    }

    /// Ciphertext and tag.
    byte[] encrypt(long counter, byte[] associated, byte[] plaintext) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, counter, associated).doFinal(plaintext);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The plaintext of `length` bytes of ciphertext and tag from `offset`.
    ///
    /// @throws Violation `tampered` when the tag does not fit; nothing is released then
    byte[] decrypt(long counter, byte[] associated, byte[] sealed, int offset, int length)
            throws Violation {
        try {
            return cipher(Cipher.DECRYPT_MODE, counter, associated).doFinal(sealed, offset, length);
        } catch (AEADBadTagException forged) {
            throw new Violation(CloseReason.TAMPERED);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Noise's REKEY: the key becomes the first 32 bytes of 32 zeros encrypted at counter 2^64-1.
    /// The old key cannot be found from the new one.
    void rekey() {
        byte[] next = encrypt(REKEY_NONCE, NOTHING, new byte[32]);
        System.arraycopy(next, 0, key, 0, 32);
        Arrays.fill(next, (byte) 0);
    }

    /// Zeroes the key. What the JDK's cipher copied is out of reach and left to the collector.
    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
    }

    private Cipher cipher(int mode, long counter, byte[] associated)
            throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(12).putInt(0).putLong(counter).array();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(key, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(associated);
        return cipher;
    }
}
