package dev.tendril.service.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Whether a worker holds the Ed25519 key that it shows.
final class KeyProof {

    private static final String LABEL = "tendril worker session v1\n";
    private static final int LONGEST = 256;

    private KeyProof() {}

    /// The key's canonical encoding (X.509) if `signature` over the label and `nonce` is by it,
    /// else null.
    static byte @Nullable [] verify(String publicKey, String nonce, String signature) {
        if (publicKey.length() > LONGEST || signature.length() > LONGEST) {
            return null;
        }
        try {
            byte[] encoded = Base64.getUrlDecoder().decode(publicKey);
            PublicKey key =
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(new X509EncodedKeySpec(encoded));
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(key);
            ed25519.update((LABEL + nonce).getBytes(UTF_8));
            boolean held =
                    ed25519.verify(Base64.getUrlDecoder().decode(signature))
                            && Arrays.equals(encoded, key.getEncoded());
            return held ? encoded : null;
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return null;
        }
    }
}
