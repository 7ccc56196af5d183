package dev.tendril.contract.channel;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/// X25519 (RFC 7748) over raw 32-byte keys. The JDK clamps the scalar; the highest bit of a public
/// key is ignored, as the RFC says. An all-zero result is refused.
final class X25519 {

    static final int BYTES = 32;

    private static final byte[] BASE = new byte[BYTES];

    static {
        BASE[0] = 9;
    }

    private X25519() {}

    /// The public key of a private key.
    static byte[] publicKey(byte[] privateKey) {
        try {
            return agree(privateKey, BASE);
        } catch (Violation impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// The shared secret.
    ///
    /// @throws Violation `low_order_key` when the result would be zero
    static byte[] agree(byte[] privateKey, byte[] publicKey) throws Violation {
        byte[] shared;
        try {
            KeyFactory keys = KeyFactory.getInstance("X25519");
            PrivateKey own =
                    keys.generatePrivate(
                            new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey));
            PublicKey theirs =
                    keys.generatePublic(
                            new XECPublicKeySpec(NamedParameterSpec.X25519, decode(publicKey)));
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(own);
            agreement.doPhase(theirs, true);
            shared = agreement.generateSecret();
        } catch (InvalidKeyException smallOrder) {
            throw new Violation(CloseReason.LOW_ORDER_KEY);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no X25519", absent);
        }
        if (MessageDigest.isEqual(shared, new byte[BYTES])) {
            throw new Violation(CloseReason.LOW_ORDER_KEY);
        }
        return shared;
    }

    private static BigInteger decode(byte[] publicKey) {
        if (publicKey.length != BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes");
        }
        byte[] bigEndian = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bigEndian[i] = publicKey[BYTES - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        return new BigInteger(1, bigEndian);
    }
}
