package dev.tendril.service.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.inject.Singleton;

/// Hashes of what could be guessed if they had no key: an address, a short code. The key follows
/// from the master key, which is a file and never in the database.
@Singleton
public final class KeyedHash {

    private final MasterKey key;

    KeyedHash(MasterKey key) {
        this.key = key;
    }

    /// HMAC-SHA-256, 32 bytes.
    ///
    /// @param use keeps the hashes of one use apart from those of all others
    public byte[] of(String use, String text) {
        return key.mac((use + "\0" + text).getBytes(UTF_8));
    }
}
