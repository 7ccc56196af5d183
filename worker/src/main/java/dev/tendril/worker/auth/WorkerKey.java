package dev.tendril.worker.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/// The worker's own Ed25519 key, kept in the file `worker.key` of its data directory, mode 0600.
///
/// The file has two lines: the private key (PKCS 8) and the public key (X.509), both base64.
public final class WorkerKey {
    private static final String FILE = "worker.key";
    private static final String CONTEXT = "tendril worker session v1\n";

    private final KeyPair pair;

    private WorkerKey(KeyPair pair) {
        this.pair = pair;
    }

    /// Reads the key of a data directory, or makes it at the first start. Two processes that start
    /// at once end up with the same key.
    ///
    /// @throws IOException when the file cannot be read or written, or holds no valid key pair
    public static WorkerKey load(Path dataDir) throws IOException {
        Path file = dataDir.resolve(FILE);
        try {
            String text = SecretFile.provide(file, WorkerKey::create);
            WorkerKey key = new WorkerKey(parse(text.lines().toList()));
            key.checkPair();
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " does not hold a valid key", e);
        }
    }

    private static String create() {
        try {
            KeyPair made = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            var base64 = Base64.getEncoder();
            return base64.encodeToString(made.getPrivate().getEncoded())
                    + "\n"
                    + base64.encodeToString(made.getPublic().getEncoded())
                    + "\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is part of every JDK", e);
        }
    }

    private static KeyPair parse(List<String> lines) throws GeneralSecurityException {
        if (lines.size() < 2) {
            throw new IllegalArgumentException("expected two lines");
        }
        var base64 = Base64.getDecoder();
        KeyFactory keys = KeyFactory.getInstance("Ed25519");
        return new KeyPair(
                keys.generatePublic(new X509EncodedKeySpec(base64.decode(lines.get(1).strip()))),
                keys.generatePrivate(new PKCS8EncodedKeySpec(base64.decode(lines.get(0).strip()))));
    }

    private void checkPair() throws GeneralSecurityException {
        byte[] probe = CONTEXT.getBytes(StandardCharsets.UTF_8);
        var verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(pair.getPublic());
        verifier.update(probe);
        if (!verifier.verify(signBytes(probe))) {
            throw new GeneralSecurityException("the two keys do not belong together");
        }
    }

    /// X.509 SubjectPublicKeyInfo, base64url without padding.
    public String publicKey() {
        return base64Url(pair.getPublic().getEncoded());
    }

    /// The signature over a relay's nonce that opens a session, base64url without padding.
    public String sign(String nonce) {
        try {
            return base64Url(signBytes((CONTEXT + nonce).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is part of every JDK", e);
        }
    }

    private byte[] signBytes(byte[] message) throws GeneralSecurityException {
        var signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(message);
        return signer.sign();
    }

    private static String base64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
