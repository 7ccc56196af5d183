package dev.tendril.service.captcha;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// PBKDF2 with HMAC-SHA-256 for one block of 32 bytes. By hand, because the JDK's takes passwords
/// as characters, and these are bytes.
final class DerivedKey {

    private static final String HMAC = "HmacSHA256";

    private DerivedKey() {}

    /// @param nonce the password's beginning
    /// @param counter its end, four bytes, the highest first
    /// @param cost iterations
    static byte[] of(byte[] nonce, int counter, byte[] salt, int cost) {
        byte[] password = ByteBuffer.allocate(nonce.length + 4).put(nonce).putInt(counter).array();
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(password, HMAC));
            mac.update(salt);
            byte[] last = mac.doFinal(new byte[] {0, 0, 0, 1});
            byte[] key = last.clone();
            for (int i = 1; i < cost; i++) {
                last = mac.doFinal(last);
                for (int at = 0; at < key.length; at++) {
                    key[at] ^= last[at];
                }
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
