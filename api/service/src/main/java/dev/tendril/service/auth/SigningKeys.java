package dev.tendril.service.auth;

import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The unwrapped signing keys. Read again every 30 s, and for an unknown `kid` at most every 5 s,
/// so that a rotation needs no restart and made-up kids cost nothing.
@Singleton
final class SigningKeys {

    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long UNKNOWN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SigningKeyStore store;
    private final MasterKey master;
    private final SecureRandom random = new SecureRandom();

    private volatile @Nullable Loaded loaded;

    SigningKeys(SigningKeyStore store, MasterKey master) {
        this.store = store;
        this.master = master;
    }

    /// The key that signs now.
    Key active() {
        return current().active();
    }

    /// The key of this id if it may still verify.
    @Nullable Key verifying(String kid) {
        Loaded now = current();
        @Nullable Key key = now.byId().get(kid);
        if (key == null && System.nanoTime() - now.atNanos() > UNKNOWN_NANOS) {
            key = reload().byId().get(kid);
        }
        return key;
    }

    private Loaded current() {
        Loaded now = loaded;
        return now == null || System.nanoTime() - now.atNanos() > REFRESH_NANOS ? reload() : now;
    }

    private synchronized Loaded reload() {
        Loaded before = loaded;
        if (before != null && System.nanoTime() - before.atNanos() < UNKNOWN_NANOS) {
            return before; // somebody else has just done it
        }
        Map<String, Key> byId = new ConcurrentHashMap<>();
        @Nullable Key active = null;
        for (SigningKeyStore.Row row : store.usableOrFirst(this::fresh)) {
            Key key = new Key(row.kid(), unwrap(row));
            byId.put(key.kid(), key);
            active = row.active() ? key : active;
        }
        if (active == null) {
            throw new IllegalStateException("no active signing key");
        }
        Loaded now = new Loaded(active, byId, System.nanoTime());
        loaded = now;
        return now;
    }

    private SigningKeyStore.Row fresh() {
        byte[] id = new byte[8];
        byte[] secret = new byte[32];
        random.nextBytes(id);
        random.nextBytes(secret);
        String kid = HexFormat.of().formatHex(id);
        return new SigningKeyStore.Row(kid, master.wrap(secret, kid), true);
    }

    private byte[] unwrap(SigningKeyStore.Row row) {
        try {
            return master.unwrap(row.wrapped(), row.kid());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "Signing key "
                            + row.kid()
                            + " was wrapped by another master key. Restore that master key file, or"
                            + " delete the row from signing_key: then everybody signs in again.",
                    e);
        }
    }

    /// @param secret 32 bytes
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Key(String kid, byte[] secret) {}

    private record Loaded(Key active, Map<String, Key> byId, long atNanos) {}
}
