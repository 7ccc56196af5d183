package dev.tendril.contract.channel;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// SHA-256 and Noise's HKDF, which is RFC 5869 with the chaining key as salt.
final class Hashes {

    static final int BYTES = 32;

    private Hashes() {}

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }

    /// SHA-256 over a label in ASCII, then the parts: one value per purpose from one secret.
    static byte[] labelled(String label, byte[]... parts) {
        byte[][] all = new byte[parts.length + 1][];
        all[0] = label.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(parts, 0, all, 1, parts.length);
        return sha256(all);
    }

    /// `count` outputs of 32 bytes each.
    static byte[][] hkdf(byte[] salt, byte[] input, byte[] info, int count) {
        byte[] key = hmac(salt, input);
        byte[][] outputs = new byte[count][];
        byte[] previous = new byte[0];
        for (int i = 0; i < count; i++) {
            previous = hmac(key, previous, info, new byte[] {(byte) (i + 1)});
            outputs[i] = previous;
        }
        Arrays.fill(key, (byte) 0);
        return outputs;
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException(absent);
        }
    }
}
