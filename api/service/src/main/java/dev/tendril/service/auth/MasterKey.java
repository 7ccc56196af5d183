package dev.tendril.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.context.annotation.Property;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Wraps the signing keys, so that a stolen database signs no token. 32 random bytes in base64,
/// kept in a file of mode 0600: `TENDRIL_MASTER_KEY_FILE`, or `master.key` in the data directory,
/// which is made at the first start. Never in the database, never in the environment.
@Singleton
final class MasterKey {

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    MasterKey(
            @Property(name = "tendril.data-dir") String dataDir,
            @Nullable @Property(name = "tendril.master-key-file") String file) {
        Path path = file == null ? Path.of(dataDir, "master.key") : Path.of(file);
        try {
            this.key = new SecretKeySpec(file == null ? readOrCreate(path) : read(path), "AES");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read or create the master key at " + path, e);
        }
    }

    /// Encrypts `secret`; `label` must be given again to unwrap it.
    byte[] wrap(byte[] secret, String label) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, label).doFinal(secret);
            byte[] wrapped = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, wrapped, NONCE_BYTES, sealed.length);
            return wrapped;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @throws GeneralSecurityException wrapped by another master key, or damaged
    byte[] unwrap(byte[] wrapped, String label) throws GeneralSecurityException {
        if (wrapped.length < NONCE_BYTES) {
            throw new GeneralSecurityException("too short");
        }
        return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(wrapped, NONCE_BYTES), label)
                .doFinal(wrapped, NONCE_BYTES, wrapped.length - NONCE_BYTES);
    }

    /// HMAC-SHA-256 under a key that follows from the master key.
    byte[] mac(byte[] text) {
        try {
            Mac derive = Mac.getInstance("HmacSHA256");
            derive.init(new SecretKeySpec(key.getEncoded(), "HmacSHA256"));
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(derive.doFinal("keyed-hash".getBytes(UTF_8)), "HmacSHA256"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String label) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(label.getBytes(UTF_8));
        return cipher;
    }

    private static byte[] readOrCreate(Path path) throws IOException {
        try {
            return read(path);
        } catch (NoSuchFileException absent) {
            byte[] fresh = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(fresh);
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            // Written beside and linked into place: a crash leaves no half key, a race one winner.
            Path draft =
                    Files.createTempFile(
                            folder,
                            "master",
                            ".tmp",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            try {
                Files.write(
                        draft,
                        (Base64.getEncoder().encodeToString(fresh) + "\n").getBytes(UTF_8),
                        StandardOpenOption.SYNC);
                Files.createLink(path, draft);
            } catch (FileAlreadyExistsException lostRace) {
                return read(path);
            } finally {
                Files.deleteIfExists(draft);
            }
            return fresh;
        }
    }

    private static byte[] read(Path path) throws IOException {
        var permissions = Files.getPosixFilePermissions(path);
        if (!Set.of(
                        java.nio.file.attribute.PosixFilePermission.OWNER_READ,
                        java.nio.file.attribute.PosixFilePermission.OWNER_WRITE)
                .containsAll(permissions)) {
            throw new IOException(
                    "The master key "
                            + path
                            + " can be read by others ("
                            + PosixFilePermissions.toString(permissions)
                            + "): chmod 600 it.");
        }
        byte[] key;
        try {
            key = Base64.getDecoder().decode(Files.readString(path).strip());
        } catch (IllegalArgumentException e) {
            throw new IOException("The master key " + path + " is not base64.", e);
        }
        if (key.length != KEY_BYTES) {
            throw new IOException("The master key " + path + " must have 32 bytes.");
        }
        return key;
    }
}
