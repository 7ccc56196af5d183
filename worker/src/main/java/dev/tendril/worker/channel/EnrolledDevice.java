package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Fingerprint;
import dev.tendril.contract.channel.Scope;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A device that the owner let in.
///
/// @param id the identifier that the worker gave it
/// @param label what people call it
/// @param key its static public key, 32 bytes
/// @param psk shared with this worker alone, 32 bytes
/// @param scopes what it may do
/// @param seenAt its last session, or null
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record EnrolledDevice(
        String id,
        String label,
        byte[] key,
        byte[] psk,
        Set<Scope> scopes,
        Instant createdAt,
        @Nullable Instant seenAt) {

    /// Copies the scopes.
    public EnrolledDevice {
        scopes = Set.copyOf(scopes);
    }

    /// What people compare.
    public String fingerprint() {
        return Fingerprint.ofKey(key);
    }

    /// The same device under another name.
    public EnrolledDevice labelled(String other) {
        return new EnrolledDevice(id, other, key, psk, scopes, createdAt, seenAt);
    }

    /// The same device with other rights.
    public EnrolledDevice scoped(Set<Scope> other) {
        return new EnrolledDevice(id, label, key, psk, other, createdAt, seenAt);
    }

    EnrolledDevice seen(Instant at) {
        return new EnrolledDevice(id, label, key, psk, scopes, createdAt, at);
    }

    /// Neither key nor PSK.
    @Override
    public String toString() {
        return "EnrolledDevice[" + id + ", " + label + ", " + scopes + "]";
    }
}
